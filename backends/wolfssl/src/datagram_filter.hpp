// Which records of a datagram wolfSSL gets to see: it gives up over some that anybody could have
// sent, where RFC 6347, 4.1.2.7 says to drop them in silence.
#pragma once

#include "ussl/bytes.hpp"

namespace ussl::wolfssl {

//   unverified    a server that waits for a ClientHello with its cookie: that message alone
//   keyless       a client before its ClientKeyExchange: as handshaking, but no ChangeCipherSpec.
//                 wolfSSL would take one behind ServerHelloDone, with keys and a Finished that
//                 anybody can compute (CVE-2026-93304)
//   resuming      a client that has offered a session and does not know whether it was taken: a
//                 ChangeCipherSpec only behind the messages that then come before it
//   handshaking   well-formed records of epoch 0 or 1
//   established   protected records. What comes in plain text can only be a repetition
enum class DatagramStage : unsigned char {
    unverified,
    keyless,
    resuming,
    handshaking,
    established
};

// Drops the others from `datagram`, in place, and protected ones of less than `overhead` bytes.
// Returns the size of what is left at its front.
std::size_t filter_datagram(MutableBytes datagram, DatagramStage stage, std::size_t overhead);

} // namespace ussl::wolfssl
