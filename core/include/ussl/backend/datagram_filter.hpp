// Decides which records of a datagram a library sees. Anybody can send a datagram in the peer's
// name, so invalid ones are dropped silently (RFC 6347, 4.1.2.7), before a library can give up
// because of them.
//
// The result is simpler than the input. Each handshake record in plain text holds one fragment of
// one message. And records in plain text are renumbered in the order in which they came: their own
// numbers are not authenticated, and a forged one could move the library's replay window (4.1.2.6)
// past everything that the peer sends.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/bytes.hpp"
#include "ussl/context.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl {

//   unverified    a server that waits for a ClientHello with a valid cookie: that message only
//   keyless       a client before its ClientKeyExchange: as handshaking, but no ChangeCipherSpec. A
//                 library accepted one after ServerHelloDone, with keys and a Finished that anybody
//                 can compute (CVE-2026-93304)
//   resuming      a client that offered a session and does not know yet whether it was accepted: a
//                 ChangeCipherSpec only after the messages that must come before it
//   handshaking   well-formed records of epoch 0 or 1
//   established   protected records. Records in plain text can only be retransmissions
enum class DatagramStage : std::uint8_t { unverified, keyless, resuming, handshaking, established };

// How much longer a protected record is than its plain bytes, for a suite of TLS 1.2. 0, no suite
// yet: at least.
constexpr std::size_t datagram_overhead(std::uint16_t suite) {
    constexpr std::size_t least = features::aes_ccm ? 8 + 8 : 16;
    return suite == 0 ? least : expansion(suite);
}

// Which form protected records must have (RFC 9146, 3): with a connection ID in the header, or
// without.
struct ExpectedForm {
    Bytes id = {};        // empty: without
    bool is_known = true; // false: with `id`, or without, until the handshake has decided
};

// The owner calls forget() at the end: sessions have no destructor, for which static ones in
// firmware would need a runtime.
class DatagramFilter {
public:
    DatagramFilter() = default;
    DatagramFilter(const DatagramFilter&) = delete;
    DatagramFilter& operator=(const DatagramFilter&) = delete;

    // Returns to the initial state.
    void forget();

    // A datagram of `size` bytes is at the front of `space`. Removes everything that the library
    // must not see, including protected records with less than `overhead` bytes. Returns how many
    // bytes are left at the front: more than `size` if a record with several fragments was split.
    std::size_t pass(MutableBytes space, std::size_t size, Role role, DatagramStage stage,
                     std::size_t overhead, const ExpectedForm& form = {});

    // Servers, established: whether the ClientHello of another handshake has come.
    bool has_seen_new_hello() const { return new_hello_seen_; }

private:
    struct Datagram; // the one being filtered

    bool pass_fragments(Datagram& datagram, Role role, DatagramStage& stage);
    bool pass_hello(Datagram& datagram, const MessageFragment& fragment, Bytes message);
    bool gather_hello(const MessageFragment& fragment);
    void number(Datagram& datagram);
    void forget_hello();

    std::uint64_t next_number_ = 0; // of records in plain text
    // A ClientHello that comes in fragments: the message, then one bit for each byte that has come.
    // RFC 6347, 4.2.1 wants no state before the cookie, but OpenSSL's clients fragment it where
    // packets are short.
    std::uint8_t* hello_ = nullptr;
    std::uint16_t hello_size_ = 0, hello_missing_ = 0, hello_number_ = 0;
    bool new_hello_seen_ = false;
    // The last bytes of the client's random, from the last hello that was let through.
    std::uint8_t random_[8] = {};
};

} // namespace ussl
