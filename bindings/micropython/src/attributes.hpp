// SSLContext's attributes: settings other than lists, certificates and keys.
#pragma once

#include "context.hpp"

namespace ussl::binding {

// MP_OBJ_NULL: no such attribute.
mp_obj_t load_attribute(ContextObject& self, qstr attr);

// false: no such attribute. Raises for an invalid value.
bool store_attribute(ContextObject& self, qstr attr, mp_obj_t value);

} // namespace ussl::binding
