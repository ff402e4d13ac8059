// SSLSocket: a session over a stream, and itself a stream.
#pragma once

#include "context.hpp"

namespace ussl::binding {

// What SSLContext.wrap_socket() does. Raises where settings or arguments do not serve, and where
// the handshake fails; `stream` is left to the script then.
mp_obj_t wrap(ContextObject& context, mp_obj_t stream, bool server_side, mp_obj_t server_hostname,
              bool do_handshake);

} // namespace ussl::binding
