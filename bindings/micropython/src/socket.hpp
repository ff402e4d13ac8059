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
    bool cookie_verified = false;
};

// What SSLContext.wrap_socket() does. Raises where settings or arguments do not serve, and where
// the handshake fails; `stream` is left to the script then.
mp_obj_t wrap(ContextObject& context, mp_obj_t stream, const WrapArguments& arguments);

// Whether it has the stream protocol.
bool is_stream(mp_obj_t object);

// --- For DatagramServer: an SSLSocket over a stream with the datagrams of a client that is proven.

mp_obj_t wrap_client(ContextObject& context, mp_obj_t stream, mp_obj_t client_id);
// Carries the handshake on, as far as it gets without waiting. Returns whether it is complete;
// raises what it failed with.
bool carry_on(mp_obj_t socket);
// Whether it has something to do without a further datagram.
bool is_due(mp_obj_t socket);
// Whether a call of it is under way.
bool is_busy(mp_obj_t socket);
// As after close(), but without a word to the peer. Precondition: it is not busy.
void abandon(mp_obj_t socket);

} // namespace ussl::binding
