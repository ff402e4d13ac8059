// Connection IDs of DTLS 1.2 (RFC 9146): a client behind a NAT keeps its session when its address
// changes. The server finds the session by the ID in the client's records, not by the address.
//
// A server sets ContextConfig::connection_id and connection_id_size, and gives each session its own
// PeerIdentity::connection_id; a client sets connection_id alone. For each datagram a server then
//
//   1. looks for a session whose ID is connection_id_of(datagram, size). There is one: give it the
//      datagram. If there is none, go by the sender's address, with DatagramListener::receive() on
//      a socket with many clients. (Records with an ID are Action::deliver to it. A session drops
//      records without its ID, once it is negotiated.)
//   2. reads, and then asks Session::is_newest(). If it is true and the datagram came from another
//      address than the session's, that is where output() goes from now on. If it is false the
//      datagram may be forged, repeated or late: the address stays. A ClientHello never moves a
//      session, nor ends one that has an ID: another client may have got the address.
//
// Whoever is between both ends may still pass on a genuine datagram with a false sender, faster
// than it would come by itself, and so direct the server's answers at somebody else. RFC 9146, 6
// therefore wants a server to make sure that the new address receives what is sent there. Sessions
// cannot do that: until something has come back that only the receiver of an answer can know (an
// acknowledgement, or CoAP's Echo, RFC 9175), a program should send no more there than a small
// multiple of what came from there.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>

namespace ussl {

// The connection ID of a datagram's first record, if that has one of `size` bytes. Anybody can
// write it: it only says which session to ask. Empty: none, or the datagram is too short.
Bytes connection_id_of(Bytes datagram, std::size_t size);

} // namespace ussl
