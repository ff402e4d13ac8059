// A session: one TLS connection, without its transport (sans-IO).
//
// Encrypted bytes from the peer are put in through input_space() and input_commit(), encrypted
// bytes for the peer are taken out through output() and output_consume(). Plain bytes pass through
// read() and write(). ussl/pump.hpp does the moving for a transport.
//
// The order of calls:
//
//   idle --open()--> handshaking --handshake() = ok--> open --close()--> closing
//    ^                    |                             |                   |
//    |                    +--- failed, truncated <------+                   |
//    +------------------------------- release() ----------------------------+
//
//   * read() and write() while handshaking carry the handshake forward first.
//   * A status of closed, truncated or failed is final for the operation that gave it: it is given
//     again on each further call. Pending output may still be taken out then: it holds
//     the alert for the peer.
//   * What came before an end is read before read() tells the end, be it an orderly one or an
//   error.
//   * A session never waits for what cannot come: want_read means that input_space() has room,
//     want_write that output() has bytes. Else the call gives failed, with Err::internal.
//   * A call that the state does not allow returns failed, with Err::invalid_state in error(), and
//     changes nothing.
//   * With ContextConfig::datagram each input_commit() brings exactly one datagram, output() shows
//     exactly one, and output_consume() takes it whole, be it sent or refused. What is no valid
//     datagram is dropped in silence (RFC 6347, 4.1.2.7). After timeout() has passed, handshake()
//     or read() sends again what got lost.
//   * There each write() is one datagram, and each read() gives what one write() took: what `into`
//     has no room for is dropped. readable() says before how much it is.
//   * A session is used by one thread at a time; ussl/context.hpp has more on threads.
//   * Spans that a call returned die with the next call on the session other than a const one.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/error.hpp"
#include "ussl/interface.hpp"
#include "ussl/protocol.hpp"
#include "ussl/status.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl {

// Room for the text of a socket's IPv6 address with every byte escaped.
inline constexpr std::size_t max_client_id = 128;

// Who the peer must be, and what is known of it. What it points to must stay unchanged until the
// handshake is over or the session is released; on a client with ContextConfig::resumption until
// the session is released.
struct PeerIdentity {
    // Sent by a client as server_name (RFC 6066, 3). Empty: not sent.
    std::string_view sni = {};
    // DNS name that the certificate must be for: ASCII, A-labels (RFC 9525, 6.3). Empty: none.
    std::string_view dns_name = {};
    // 4 or 16 bytes in network order, that the certificate must be for (RFC 9525, 6.4). Empty:
    // none.
    Bytes ip_address = {};
    // What resumption_data() of an earlier session with this peer gave, for a client that wants to
    // resume it. What does not fit (of another backend, version, name or trust, too old, damaged)
    // is not used: the handshake is a full one.
    Bytes resumption = {};
    // DTLS servers: what tells this client from others, its address say, for the cookie (RFC 6347,
    // 4.2.1). Mandatory there, 1 to max_client_id bytes.
    Bytes client_id = {};
    // DTLS servers: a DatagramListener has verified the client's cookie. The session sends no
    // HelloVerifyRequest; the first datagram that it gets must be DatagramListener::hello().
    bool cookie_verified = false;
};

// No time limit: see Session::timeout().
inline constexpr std::uint32_t no_timeout = UINT32_MAX;

class Session {
public:
    // Precondition: idle; `context` open, of the same backend, and not closed before this session
    // is released. No byte is exchanged yet.
    //
    // A client that verifies identity needs exactly one of dns_name and ip_address: none gives
    // no_server_name. Where time is checked, an environment without a time gives clock_not_set.
    // On anything but Err::none the session stays idle.
    USSL_WITH_SWITCHES USSL_VIRTUAL Error open(Context& context,
                                               const PeerIdentity& peer) USSL_PURE;

    // Wipes and frees everything; idle afterwards. Allowed in every state. Says nothing to the
    // peer: close() does.
    USSL_VIRTUAL void release() USSL_PURE;

    // --- Encrypted side. Allowed in every state but idle, where spans are empty. ---

    // Where encrypted bytes from the peer may be written. Never empty after want_read. Empty when
    // the session cannot take any before read() or handshake() is called, and when it has ended.
    USSL_VIRTUAL MutableBytes input_space() USSL_PURE;

    // `count` bytes were written at the front of input_space(). Precondition: count <= its size.
    // Zero is allowed and does nothing. Returns false when no other call can do anything with what
    // has come so far: only more input helps. After the handshake records are opened here until
    // there is something to read: see can_read().
    USSL_VIRTUAL bool input_commit(std::size_t count) USSL_PURE;

    // The transport has ended: no more input will come. What was put in before is still read; after
    // it comes truncated instead of want_read, unless close_notify came first.
    USSL_VIRTUAL void input_end() USSL_PURE;

    // Encrypted bytes that wait to be sent, in order; empty when there are none. The span is not
    // all that waits: ask again after output_consume().
    USSL_VIRTUAL Bytes output() USSL_PURE;

    // `count` bytes at the front of output() have been sent. Precondition: count <= its size.
    // Returns whether there are more.
    USSL_VIRTUAL bool output_consume(std::size_t count) USSL_PURE;

    // Gives back the memory of empty record buffers; they are allocated again when records come.
    // Call it when the session is likely to be idle for a while: the pump does so when the
    // transport has no input. Allowed in every state. Without USSL_SHORT_BUFFERS it does nothing.
    USSL_VIRTUAL void release_buffers() USSL_PURE;

    // --- Plain side. ---

    // Carries the handshake forward as far as the input allows. ok: complete, the peer is verified.
    // want_read: send all output, then put in input. want_write: output is full, take it
    // out and call again.
    USSL_VIRTUAL Status handshake() USSL_PURE;

    // Reads plain bytes, at least one unless `into` is empty (then ok and 0, when open). Statuses
    // as above; closed after the peer's close_notify, when all before it has been read.
    USSL_VIRTUAL IoResult read(MutableBytes into) USSL_PURE;

    // Accepts plain bytes for sending. ok with a count: these bytes are taken, they are never to be
    // offered again, whatever happens. want_write: take output out first.
    //
    // After the peer's close_notify: in TLS 1.3 the other direction stays open until close() (RFC
    // 8446, 6.1). In TLS 1.2 the peer reads no more (RFC 5246, 7.2.1): closed, once read() has told
    // so; until then bytes are taken.
    //
    // Datagrams: all of `from`, or failed with Err::datagram_too_large for more than
    // max_fragment_length() bytes, which changes nothing.
    USSL_VIRTUAL IoResult write(Bytes from) USSL_PURE;

    // Queues close_notify: it is in output() after ok. Within the handshake, and after a failure or
    // a truncation, nothing is queued. Plain bytes not yet read are dropped. Afterwards read() and
    // write() are not allowed; close() is (ok, nothing changes). want_write: output is full, take
    // it out and call again.
    USSL_VIRTUAL Status close() USSL_PURE;

    // --- What is known. Allowed in every state. ---

    // Milliseconds until handshake() (or read(), after it) is to be called again even if nothing
    // came: for the next retransmission of DTLS, or for the end of handshake_timeout. 0: now.
    USSL_VIRTUAL std::uint32_t timeout() const USSL_PURE;

    // Plain bytes that are there for read(). There may be more behind them.
    USSL_VIRTUAL std::size_t readable() const USSL_PURE;

    // Whether the next read() has an answer without any further input: plain bytes, the end
    // (closed, truncated), or an error. Not for messages alone that bring nothing to read, as the
    // tickets of TLS 1.3. Within the handshake: whether it has failed. Where read() is not allowed:
    // true.
    USSL_VIRTUAL bool can_read() const USSL_PURE;

    // Whether the handshake is complete (also after the session has ended).
    USSL_VIRTUAL bool is_established() const USSL_PURE;

    // Why the session has failed. It may be known before read() comes to the end of what is
    // readable.
    USSL_VIRTUAL Error error() const USSL_PURE;

    // none, 0 and empty before the handshake is complete.
    USSL_VIRTUAL Version version() const USSL_PURE;
    USSL_VIRTUAL std::uint16_t suite() const USSL_PURE; // IANA number
    USSL_VIRTUAL std::string_view alpn() const USSL_PURE;
    // Whether the handshake was an abbreviated one, with the keys of an earlier session.
    USSL_VIRTUAL bool is_resumed() const USSL_PURE;
    // The largest count of plain bytes in a record of this session, as negotiated (RFC 6066, 4) or
    // else as the build has it. Over datagrams, after the handshake: what one write() takes; less
    // than usual while the end that sent the handshake's last flight does not know that it arrived
    // and had to send it in small datagrams.
    USSL_VIRTUAL std::size_t max_fragment_length() const USSL_PURE;

    // Over datagrams, of a server's session after the handshake: whether the ClientHello of another
    // handshake has come, which is the first that is heard of a client that lost its session and
    // sends from the same address (RFC 6347, 4.2.8). Anybody may have sent it: this session goes
    // on. Open another one with the same client_id and give it what comes; when that one is
    // established, the client has shown that it is there, and this session may be released.
    USSL_VIRTUAL bool peer_restarts() const USSL_PURE;

    // What a client may keep, and give to a later session as PeerIdentity::resumption; secret as a
    // key is. Returns its size, and copies it if `into` has room for all of it. 0: there is none
    // (yet: in TLS 1.3 servers send it after the handshake, and it comes with read()).
    USSL_VIRTUAL std::size_t resumption_data(MutableBytes into) USSL_PURE;

    // Fills `out` with keying material of this session (RFC 5705; RFC 8446, 7.5). The handshake
    // must be complete, and the session not failed: else invalid_state. Needs
    // Capabilities::exporter.
    USSL_VIRTUAL Err export_keying_material(MutableBytes out, std::string_view label,
                                            Bytes context) USSL_PURE;

    // The peer's own certificate, DER, where ContextConfig::keep_peer_certificate asked for it;
    // empty where the peer sent none. Also after a failed verification: it explains the failure.
    USSL_VIRTUAL Bytes peer_certificate() const USSL_PURE;

protected:
    Session() = default;
    ~Session() = default; // not virtual: sessions are never deleted through this class
};

} // namespace ussl
