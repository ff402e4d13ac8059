// What a DTLS server says to strangers (RFC 6347, 4.2.1), without a session and without memory for
// them: a ClientHello is answered with a cookie, and only who shows the cookie, and so gets what is
// sent to its address, is worth a session.
//
// For a server with many clients on one socket. Each datagram that comes is given to receive(),
// with what tells its sender from others, and then:
//
//   other    is for the session of this sender, if there is one; else it is dropped
//   nothing  is dropped
//   unproven answer() is sent to the sender, and nothing is remembered
//   proven   hello() is for the sender's session. There is none, or it began with a ClientHello
//            of another random(): the client begins anew, so that session is released and a new
//            one opened, with PeerIdentity::client_is_proven (RFC 6347, 4.2.8). Else the client
//            repeats itself, and its session answers
//
// A client that restarts without a word is so served at once, and nobody else can end its session:
// that takes a cookie.
//
// The random number of a ClientHello is 32 bytes that a server keeps of each client; a hash of it
// does as well. How many sessions there are at most is for the server to say.
//
// A cookie is a MAC over the client and what stands in its ClientHello before the cookie: its
// version, its random number and its session. It is good for one to two minutes.
//
// Threads: one at a time.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"
#include "ussl/session.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ussl {

struct MessageFragment;

class DatagramListener {
public:
    // Bytes of a ClientHello that comes in pieces, and of a datagram with all of it: each session
    // takes these.
    static constexpr std::size_t max_hello = 1400, hello_header = 13 + 12;
    static constexpr std::size_t random_size = 32;

    // Room for one ClientHello that comes in several datagrams, the first of which showed a cookie.
    // Plain memory; what is in it is the listener's.
    struct Pieces {
        std::uint8_t client_id[max_client_id];
        std::uint8_t client_id_size = 0; // 0: not in use
        std::uint16_t message_number, size, missing;
        std::uint32_t since; // milliseconds
        std::uint8_t has[(max_hello + 7) / 8];
        std::uint8_t datagram[hello_header + max_hello];
    };

    DatagramListener() = default;
    DatagramListener(const DatagramListener&) = delete;
    DatagramListener& operator=(const DatagramListener&) = delete;
    ~DatagramListener() { close(); }

    // Draws the key of the cookies. `environment` and `pieces` must stay until close(). Without
    // `pieces` a ClientHello in several datagrams is dropped; where there are more of those at a
    // time the oldest gives way.
    //
    // unsupported: the backend has no DTLS, or the environment no milliseconds. no_randomness.
    Err open(const Backend& backend, const Environment& environment, std::span<Pieces> pieces = {});

    // Wipes the key. What is not open drops all.
    void close();

    enum class Heard : std::uint8_t { other, nothing, unproven, proven };

    // `client_id`: as PeerIdentity::client_id, 1 to max_client_id bytes, else nothing comes of it.
    Heard receive(Bytes datagram, Bytes client_id);

    // --- Until the next receive(), as long as `datagram` is there. Empty after anything else. ---

    // After unproven: a datagram, shorter than the one that it answers.
    Bytes answer() const { return answer_; }

    // After proven: a datagram with the whole ClientHello, and the random number in it.
    Bytes hello() const { return hello_; }
    Bytes random() const { return random_; }

private:
    static constexpr std::size_t cookie_size = 32; // HMAC-SHA256
    static constexpr std::size_t answer_size = hello_header + 2 + 1 + cookie_size;

    struct Opening; // of a ClientHello

    Heard hear(Bytes record, const MessageFragment& part, Bytes client_id);
    Heard hear_first(Bytes record, const MessageFragment& part, Bytes client_id);
    Heard put_together(Bytes record, const MessageFragment& part, Pieces& pieces, Bytes client_id);
    Heard refuse(Bytes record, const MessageFragment& part, const Opening& opening,
                 Bytes client_id);
    Pieces* find(unsigned message_number, Bytes client_id) const;
    Pieces* claim(const MessageFragment& part, Bytes client_id) const;
    std::uint32_t period() const;
    bool make_cookie(std::uint32_t period, const Opening& opening, Bytes client_id,
                     std::uint8_t (&cookie)[cookie_size]) const;
    bool is_own_cookie(const Opening& opening, Bytes client_id) const;

    const Backend* backend_ = nullptr; // null: not open
    const Environment* environment_ = nullptr;
    std::span<Pieces> pieces_;
    Bytes answer_, hello_, random_;
    std::uint8_t answer_bytes_[answer_size];
    std::uint8_t key_[32];
};

} // namespace ussl
