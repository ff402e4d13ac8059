// SSLSocket: a session over a stream, and itself a stream.
#pragma once

#include "context.hpp"

namespace ussl::binding {

// The arguments of SSLContext.wrap_socket(), as a script gave them.
struct WrapArguments {
    bool server_side;
    bool do_handshake;
    bool suppress_ragged_eofs;
    mp_obj_t server_hostname;
    mp_obj_t session;   // to resume
    mp_obj_t client_id; // of DTLS servers
};

// What SSLContext.wrap_socket() does. Raises where settings or arguments do not serve, and where
// the handshake fails; `stream` is left to the script then.
mp_obj_t wrap(ContextObject& context, mp_obj_t stream, const WrapArguments& arguments);

} // namespace ussl::binding
