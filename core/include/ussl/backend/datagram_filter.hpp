// Which records of a datagram a library gets to see. Anybody can send a datagram in the peer's
// name, so what is not valid is dropped in silence (RFC 6347, 4.1.2.7), before a library can give
// up over it.
//
// What is left is simpler than what came. Of the handshake in plain text each record holds one
// fragment of one message. And records in plain text are numbered in the order in which they came:
// their own numbers are not authenticated, and a forged one would move the window of those that a
// library takes (4.1.2.6) past all that the peer sends.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/bytes.hpp"
#include "ussl/context.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl {

//   unverified    a server that waits for a ClientHello with its cookie: that message alone
//   keyless       a client before its ClientKeyExchange: as handshaking, but no ChangeCipherSpec.
//                 A library took one behind ServerHelloDone, with keys and a Finished that
//                 anybody can compute (CVE-2026-93304)
//   resuming      a client that has offered a session and does not know whether it was taken: a
//                 ChangeCipherSpec only behind the messages that then come before it
//   handshaking   well-formed records of epoch 0 or 1
//   established   protected records. What comes in plain text can only be a repetition
enum class DatagramStage : std::uint8_t { unverified, keyless, resuming, handshaking, established };

// Bytes by which a protected record of a suite of TLS 1.2 is longer than its plain bytes: a tag,
// and in front of it the explicit nonce, which those with ChaCha20-Poly1305 do not have (RFC 7905,
// 2).
constexpr std::size_t datagram_overhead(std::uint16_t suite) {
    constexpr std::size_t tag = 16, nonce = 8;
    return suite == 0 || suite >> 8 == 0xcc ? tag : nonce + tag;
}

// Who has one calls forget() at the end: sessions have no destructor, which static ones of firmware
// would need a runtime for.
class DatagramFilter {
public:
    DatagramFilter() = default;
    DatagramFilter(const DatagramFilter&) = delete;
    DatagramFilter& operator=(const DatagramFilter&) = delete;

    // As if nothing had come.
    void forget();

    // `size` bytes at the front of `space` came as a datagram. Drops what the library is not to
    // see, protected records of less than `overhead` bytes too, and returns how many bytes at the
    // front are left for it: more than `size`, where a record had several fragments.
    std::size_t pass(MutableBytes space, std::size_t size, Role role, DatagramStage stage,
                     std::size_t overhead);

    // Whether a server that is established has heard the ClientHello of another handshake.
    bool has_seen_new_hello() const { return new_hello_seen_; }

private:
    struct Datagram; // the one that is looked at

    bool pass_fragments(Datagram& datagram, Role role, DatagramStage& stage);
    bool pass_hello(Datagram& datagram, const MessageFragment& fragment, Bytes message);
    bool gather_hello(const MessageFragment& fragment);
    void number(Datagram& datagram);
    void forget_hello();

    std::uint64_t next_number_ = 0; // of records in plain text
    // A ClientHello that comes in pieces: the message, and behind it a bit for each of its bytes
    // that has come. RFC 6347, 4.2.1 wants no state before the cookie, but OpenSSL's clients send
    // it so where packets are short.
    std::uint8_t* hello_ = nullptr;
    std::uint16_t hello_size_ = 0, hello_missing_ = 0, hello_number_ = 0;
    bool new_hello_seen_ = false;
    std::uint8_t random_[8] = {}; // the end of the client's, in the hello that was passed on last
};

} // namespace ussl
