// The stateless cookie exchange of a DTLS server (RFC 6347, 4.2.1): for a server with many clients
// on one socket. A ClientHello without a valid cookie is answered with a HelloVerifyRequest;
// nothing is stored. A client that returns the cookie has shown that it receives what is sent to
// its address, and only then gets a session.
//
// Give each datagram to receive(), with an identifier of its sender. The result says what to do:
//
//   deliver  Give the datagram to this sender's session. If it has none, drop the datagram.
//   drop     Drop the datagram.
//   answer   Send answer() to the sender. Store nothing.
//   accept   Give hello() to this sender's session. If there is none, open one, with
//            PeerIdentity::cookie_verified. If there is one that began with another random(), the
//            client has restarted: release that session and open a new one (RFC 6347, 4.2.8). If
//            random() is the same, the client has retransmitted, and the session answers.
//
// So a client that lost its session is served at once, and nobody else can end that session: a
// forger does not receive the cookie.
//
// The server stores random(), 32 bytes, or a hash of it, for each session. The server also decides
// how many sessions it allows.
//
// The cookie is a MAC over client_id and over the part of the ClientHello in front of the cookie:
// version, random and session_id. It is valid for one to two minutes.
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
    // Limits of a ClientHello that comes in fragments, and of the datagram that holds all of it.
    // Sessions accept datagrams of that size.
    static constexpr std::size_t max_hello = 1400, hello_header = 13 + 12;
    static constexpr std::size_t random_size = 32;

    // Room for one ClientHello that comes in several datagrams and whose first datagram showed a
    // cookie. Plain memory; only the listener uses it.
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

    // Makes the key of the cookies. `environment` and `pieces` must stay in place until close().
    // `pieces` is for ClientHellos in several datagrams: without it those are dropped; if all are
    // in use the oldest is replaced.
    //
    // Err::unsupported: the backend has no DTLS, or the environment no milliseconds.
    // Err::no_randomness: the environment gave none.
    Err open(const Backend& backend, const Environment& environment, std::span<Pieces> pieces = {});

    // Wipes the key. A listener that is not open drops everything.
    void close();

    enum class Action : std::uint8_t { deliver, drop, answer, accept };

    // `client_id`: as PeerIdentity::client_id. With less than 1 or more than max_client_id bytes:
    // drop.
    Action receive(Bytes datagram, Bytes client_id);

    // --- Valid until the next receive(), while `datagram` is. Otherwise empty. ---

    // After `answer`: a HelloVerifyRequest as a datagram, shorter than the ClientHello's.
    Bytes answer() const { return answer_; }

    // After `accept`: a datagram with the whole ClientHello, and the random in it (random_size
    // bytes).
    Bytes hello() const { return hello_; }
    Bytes random() const { return random_; }

private:
    static constexpr std::size_t cookie_size = 32; // HMAC-SHA256
    static constexpr std::size_t answer_size = hello_header + 2 + 1 + cookie_size;

    struct Opening; // of a ClientHello

    Action handle_fragment(Bytes record, const MessageFragment& part, Bytes client_id);
    Action handle_first_fragment(Bytes record, const MessageFragment& part, Bytes client_id);
    Action put_together(Bytes record, const MessageFragment& part, Pieces& pieces, Bytes client_id);
    Action refuse(Bytes record, const MessageFragment& part, const Opening& opening,
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
