// A session: one TLS connection, without its transport (sans-IO).
//
// Encrypted bytes from the peer go in through input_space() and input_commit(); encrypted bytes for
// the peer come out through output() and output_consume(). read() and write() carry plain bytes.
// The session never calls a socket: ussl/pump.hpp connects it to a transport.
//
// The order of calls:
//
//   idle --open()--> handshaking --handshake() = ok--> open --close()--> closing
//    ^                    |                             |                   |
//    |                    +--- failed, truncated <------+                   |
//    +------------------------------- release() ----------------------------+
//
//   * While handshaking, read() and write() first continue the handshake.
//   * closed, truncated and failed are final: each further call of that operation gives the same
//     status. Pending output may still be sent then: it holds the alert for the peer.
//   * read() gives everything that came before the end of the session, and then the end: closed,
//     truncated or failed.
//   * A session never waits in vain: after want_read input_space() has room, after want_write
//     output() has bytes. If neither can be true the call gives failed, with Err::internal.
//   * A call that the state does not allow gives failed, changes nothing, and error() is
//     Err::invalid_state.
//   * With ContextConfig::datagram each input_commit() takes exactly one datagram. output() shows
//     exactly one, and output_consume() drops all of it, whether it was sent or refused. Invalid
//     datagrams are dropped silently (RFC 6347, 4.1.2.7). When timeout() has passed, call
//     handshake() or read(): it retransmits.
//   * With datagrams each write() makes one datagram, and each read() gives the bytes of one
//     write(). Bytes that do not fit into `into` are dropped; readable() says beforehand how many
//     there are.
//   * One thread at a time uses a session; ussl/context.hpp says more about threads.
//   * A span that a call returned is valid until the next call of the session that is not const.
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

// Enough for the address of an IPv6 socket as text, with every byte escaped.
inline constexpr std::size_t max_client_id = 128;

// Who the peer must be, and what the caller knows about it. Everything that this points to must
// stay unchanged until the handshake is over or the session is released; on a client with
// ContextConfig::resumption until the session is released.
// In builds without Capabilities::certificates the first three are unsupported: a pre-shared key
// identifies the server.
struct PeerIdentity {
    // A client sends it as server_name (RFC 6066, 3). Empty: the client sends none.
    std::string_view sni = {};
    // The certificate must be valid for this DNS name: ASCII, A-labels (RFC 9525, 6.3). Empty: no
    // name is checked.
    std::string_view dns_name = {};
    // The certificate must be valid for this IP address (RFC 9525, 6.4): 4 or 16 bytes in network
    // order. Empty: no address is checked.
    Bytes ip_address = {};
    // Clients: resumption_data() of an earlier session with this peer, to resume it. Data that does
    // not fit (another backend, version, name or trust; too old; damaged) is ignored, and the
    // handshake is a full one.
    Bytes resumption = {};
    // DTLS servers: identifies this client, by its address for example; part of the cookie (RFC
    // 6347, 4.2.1). Mandatory there, 1 to max_client_id bytes.
    Bytes client_id = {};
    // DTLS servers: a DatagramListener has verified the client's cookie. The session sends no
    // HelloVerifyRequest; the first datagram that it gets must be DatagramListener::hello().
    bool cookie_verified = false;
    // Datagrams: the connection ID of this session, exactly ContextConfig::connection_id_size
    // bytes. Copied. Choose one that no other session of this program has, and that says nothing
    // about the client: it is sent in the clear.
    Bytes connection_id = {};
};

// Session::timeout() has no limit.
inline constexpr std::uint32_t no_timeout = UINT32_MAX;

class Session {
public:
    // Prepares for a handshake; exchanges no bytes yet.
    //
    // Preconditions: the session is idle; `context` is open, of the same backend, and stays open
    // until this session is released.
    //
    // A client that verifies the identity needs exactly one of dns_name and ip_address: without one
    // the error is no_server_name. Where time is checked and the environment has no time, the error
    // is clock_not_set. After an error the session stays idle.
    USSL_WITH_SWITCHES USSL_VIRTUAL Error open(Context& context,
                                               const PeerIdentity& peer) USSL_PURE;

    // Wipes and frees everything; the session is idle afterwards. Allowed in every state. Sends no
    // close_notify: that is close().
    USSL_VIRTUAL void release() USSL_PURE;

    // --- Encrypted side. Allowed in every state; while idle the spans are empty. ---

    // Where to write encrypted bytes from the peer. Not empty after want_read. Empty when the
    // session takes no bytes before the next read() or handshake(), and after its end.
    USSL_VIRTUAL MutableBytes input_space() USSL_PURE;

    // `count` bytes were written to the front of input_space(). Precondition: count <= its size.
    // Zero changes nothing.
    //
    // Returns false if no other call can make progress before more input comes. After the handshake
    // this call decrypts records until there is something to read: see can_read().
    USSL_VIRTUAL bool input_commit(std::size_t count) USSL_PURE;

    // The transport has ended: no more input will come. read() still gives everything before that,
    // and then truncated instead of want_read, unless a close_notify came first.
    USSL_VIRTUAL void input_end() USSL_PURE;

    // Encrypted bytes for the peer, in order; empty if there are none. There may be more: ask again
    // after output_consume().
    USSL_VIRTUAL Bytes output() USSL_PURE;

    // `count` bytes at the front of output() were sent. Precondition: count <= its size. Returns
    // whether there are more.
    USSL_VIRTUAL bool output_consume(std::size_t count) USSL_PURE;

    // Gives back the memory of empty record buffers; it is allocated again when records come. Call
    // it when the session is likely to stay idle for a while: the pump does so when the transport
    // has no input. Allowed in every state. Without USSL_SHORT_BUFFERS it does nothing.
    USSL_VIRTUAL void release_buffers() USSL_PURE;

    // --- Plain side. ---

    // Continues the handshake as far as the input allows.
    //
    //   ok          complete: the peer is verified
    //   want_read   send all output, then give input
    //   want_write  output is full: take it out, then call again
    USSL_VIRTUAL Status handshake() USSL_PURE;

    // Reads plain bytes: at least one, unless `into` is empty (then ok and 0, while open). closed:
    // the peer has sent close_notify, and everything before it was read. Other statuses as of
    // handshake().
    USSL_VIRTUAL IoResult read(MutableBytes into) USSL_PURE;

    // Takes plain bytes for sending. ok: the session has taken `bytes` of them; never offer these
    // again, whatever happens later. want_write: take output out, then call again.
    //
    // After the peer's close_notify: with TLS 1.3 the other direction stays open until close() (RFC
    // 8446, 6.1). With TLS 1.2 the peer reads no more (RFC 5246, 7.2.1): write() gives closed as
    // soon as read() has given closed; before that it still takes bytes.
    //
    // Datagrams: takes all of `from`. If that is more than max_fragment_length() bytes it gives
    // failed, changes nothing, and error() is Err::datagram_too_large.
    USSL_VIRTUAL IoResult write(Bytes from) USSL_PURE;

    // Puts close_notify into output(). During the handshake, and after a failure or a truncation,
    // it sends none. Plain bytes that were not read are dropped. Afterwards read() and write() are
    // not allowed; a second close() gives ok and changes nothing. want_write: output is full, take
    // it out, then call again.
    USSL_VIRTUAL Status close() USSL_PURE;

    // --- State of the session. Allowed in every state. ---

    // Milliseconds until handshake() (read() after the handshake) must be called even if no input
    // comes: DTLS retransmits then, or handshake_timeout ends. 0: call now. no_timeout: no limit.
    USSL_VIRTUAL std::uint32_t timeout() const USSL_PURE;

    // How many plain bytes read() can give without further input. More records may wait behind
    // them.
    USSL_VIRTUAL std::size_t readable() const USSL_PURE;

    // Whether the next read() gives an answer without further input: plain bytes, the end (closed,
    // truncated) or an error. Messages that bring nothing to read, such as the tickets of TLS 1.3,
    // do not count. During the handshake: whether it has failed. Where read() is not allowed: true.
    USSL_VIRTUAL bool can_read() const USSL_PURE;

    // Whether the handshake was completed; stays true after the end of the session.
    USSL_VIRTUAL bool is_established() const USSL_PURE;

    // Why the session has failed. It may be known before read() has given all that is readable.
    USSL_VIRTUAL Error error() const USSL_PURE;

    // Before the handshake is complete: none, 0 and empty.
    USSL_VIRTUAL Version version() const USSL_PURE;
    USSL_VIRTUAL std::uint16_t suite() const USSL_PURE; // IANA number
    USSL_VIRTUAL std::string_view alpn() const USSL_PURE;
    // Whether the handshake was abbreviated: with the keys of an earlier session.
    USSL_VIRTUAL bool is_resumed() const USSL_PURE;
    // How many plain bytes a record may hold in both directions: as negotiated (RFC 6066, 4; the
    // smaller one of both ends' limits of RFC 8449), else the limit of the build.
    //
    // Datagrams, after the handshake: how many bytes one write() takes. It is smaller for a while
    // if this end sent the last flight of the handshake in small datagrams and does not know yet
    // that it arrived.
    USSL_VIRTUAL std::size_t max_fragment_length() const USSL_PURE;

    // DTLS servers, after the handshake: whether the ClientHello of a new handshake has come from
    // this client's address. A client that lost its session starts like that (RFC 6347, 4.2.8), but
    // anybody can forge the datagram: this session goes on. Open another session with the same
    // client_id and give it all further datagrams. If that one is established the client is
    // genuine, and this one can be released.
    USSL_VIRTUAL bool peer_restarts() const USSL_PURE;

    // Datagrams, after the handshake (RFC 9146): the ID in the records that the peer sends,
    // PeerIdentity::connection_id, and the one in the records that this session sends. Empty: none
    // was negotiated for this direction.
    USSL_VIRTUAL Bytes connection_id() const USSL_PURE;
    USSL_VIRTUAL Bytes peer_connection_id() const USSL_PURE;

    // With a connection_id(): whether the datagram of the last input_commit() has shown that the
    // peer sends from the address that it came from: it held an authentic record that is newer than
    // all others so far (RFC 9146, 6). If that address is not the one that output() goes to, send
    // there from now on; ussl/connection_id.hpp says what else to do. Ask when read() has given all
    // of the datagram, before the next input_commit().
    USSL_VIRTUAL bool is_newest() const USSL_PURE;

    // What a client stores to resume this session later (PeerIdentity::resumption). As secret as a
    // key. Returns the size in bytes, and copies the data if `into` is large enough. 0: there is
    // none, or none yet: with TLS 1.3 it comes after the handshake, during read().
    USSL_VIRTUAL std::size_t resumption_data(MutableBytes into) USSL_PURE;

    // Fills `out` with keying material of this session (RFC 5705; RFC 8446, 7.5). Needs
    // Capabilities::exporter. Err::invalid_state: the handshake is not complete, or the session has
    // failed.
    USSL_VIRTUAL Err export_keying_material(MutableBytes out, std::string_view label,
                                            Bytes context) USSL_PURE;

    // The peer's own certificate, DER, if ContextConfig::keep_peer_certificate is set; empty if the
    // peer sent none. Also after a failed verification, to explain the failure.
    USSL_VIRTUAL Bytes peer_certificate() const USSL_PURE;

protected:
    Session() = default;
    ~Session() = default; // not virtual: sessions are never deleted through this class
};

} // namespace ussl
