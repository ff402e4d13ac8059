// SSLSocket: a session over a stream, and itself a stream.
#pragma once

#include "context.hpp"

namespace ussl::binding {

// The arguments of SSLContext.wrap_socket().
struct WrapArguments {
    bool server_side;
    bool do_handshake;
    bool suppress_ragged_eofs;
    mp_obj_t server_hostname;
    mp_obj_t session;   // to resume it
    mp_obj_t client_id; // for DTLS servers
    bool cookie_verified = false;
};

// SSLContext.wrap_socket(). Raises if settings or arguments are invalid, and if the handshake
// fails; then `stream` still belongs to the script.
mp_obj_t wrap(ContextObject& context, mp_obj_t stream, const WrapArguments& arguments);

// Whether it has the stream protocol.
bool is_stream(mp_obj_t object);

// --- For DatagramServer: an SSLSocket over the stream of a client with a verified cookie ---

mp_obj_t wrap_client(ContextObject& context, mp_obj_t stream, mp_obj_t client_id);
// Continues the handshake as far as possible without waiting. Returns whether it is complete;
// raises if it failed.
bool carry_on(mp_obj_t socket);
// Whether it has something to do without another datagram.
bool is_due(mp_obj_t socket);
// Whether one of its calls is running.
bool is_busy(mp_obj_t socket);
// As after close(), but without close_notify. Precondition: it is not busy.
void abandon(mp_obj_t socket);

} // namespace ussl::binding
