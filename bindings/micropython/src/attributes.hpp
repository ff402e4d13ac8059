// SSLContext's attributes: its settings that are neither lists nor material.
#pragma once

#include "context.hpp"

namespace ussl::binding {

// MP_OBJ_NULL: there is no such attribute.
mp_obj_t load_attribute(ContextObject& self, qstr attr);

// False: there is none. Raises where the value does not serve.
bool store_attribute(ContextObject& self, qstr attr, mp_obj_t value);

} // namespace ussl::binding
