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
    mp_obj_t connection_id;
    bool cookie_verified = false;
};

// SSLContext.wrap_socket(). Raises if settings or arguments are invalid, and if the handshake
// fails; then `stream` still belongs to the script.
mp_obj_t wrap(ContextObject& context, mp_obj_t stream, const WrapArguments& arguments);

// Whether it has the stream protocol.
bool is_stream(mp_obj_t object);

// --- For DatagramServer: an SSLSocket over the stream of a client with a verified cookie ---

// `connection_id`: as the argument of wrap_socket().
mp_obj_t wrap_client(ContextObject& context, mp_obj_t stream, mp_obj_t client_id,
                     mp_obj_t connection_id);
// Continues the handshake as far as possible without waiting. Returns whether it is complete;
// raises if it failed.
bool carry_on(mp_obj_t socket);
// Whether it has something to do without another datagram.
bool is_due(mp_obj_t socket);
// Whether its client has a connection ID, so that its session survives a change of the address.
bool has_connection_id(mp_obj_t socket);
// Whether the datagram that was read last shows the client's present address.
bool shows_address(mp_obj_t socket);
// Whether one of its calls is running.
bool is_busy(mp_obj_t socket);
// As after close(), but without close_notify. Precondition: it is not busy.
void abandon(mp_obj_t socket);

// In datagram_server.cpp: where `stream`, that of a client, sends its datagrams. MP_OBJ_NULL: it is
// another stream.
mp_obj_t address_of_client(mp_obj_t stream);

} // namespace ussl::binding
