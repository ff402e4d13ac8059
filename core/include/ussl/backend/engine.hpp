// What an adapter implements: an Engine for contexts and one for sessions. All that is the same on
// every backend (the order of calls, sticky ends, the checks of settings) is in ContextOf and
// SessionOf, which own the engines. docs/adding-a-backend.md walks through it.
//
// A backend describes itself in a traits struct:
//
//   struct Traits {
//       struct ContextEngine;                       // defined in the adapter's own source file
//       struct SessionEngine;
//       static constexpr std::size_t context_size, session_size;   // at least sizeof the engines
//       static constexpr const Capabilities& capabilities;
//       static std::span<const std::uint16_t> suites();            // those of backend()
//       static const Backend& backend();   // linked only where it is asked for
//   };
//
// What may come to the library is called within an Operation (operation.hpp) of this context or
// session: all but input_space(), has_input(), output(), has_output() and what only says what is
// known.
//
// struct ContextEngine {
//     // Settings have passed check_config(). On an error the engine is destroyed; the library's
//     // own number, if it gave one, goes to Operation::note_library_error(). What the settings
//     // point to stays until then; the settings themselves only for this call.
//     Err start(const ContextConfig&, const Environment&);
//     ~ContextEngine();                               // wipes and frees; also after a failed start
// };
//
// struct SessionEngine {
//     // `setup` stays valid until destruction. On an error as above.
//     Err start(ContextEngine&, const SessionSetup& setup);
//     ~SessionEngine();                               // wipes and frees; also after a failed start
//
//     MutableBytes input_space();                     // as in Session
//     void input_commit(std::size_t);
//     bool has_input() const;                         // cheap; false: look_ahead() had want_read
//     Bytes output();
//     bool has_output() const;                        // cheap: asked after each read() and more
//     void output_consume(std::size_t);
//     void rest();                                    // after the handshake; may be left out
//
//     // Each gives ok, want_read, want_write, closed (close_notify was read) or failed, never
//     // truncated: SessionOf knows when the input has ended. want_read: input_space() has room;
//     // want_write: there is output. After failed error() says why, and only output(),
//     // output_consume() and what says what is known may still be called. The alert that tells
//     // the peer is in output() by then.
//     Status handshake();                             // called until it gives ok, not after
//     Status look_ahead();                            // see below
//     IoResult write(Bytes);                          // after the handshake; never empty
//     Status close_notify();                          // after the handshake; ok: it is in output()
//
//     // Reading, after the handshake. look_ahead() is called when readable() is 0 and has_input()
//     // is true: it opens what has come until there are plain bytes. ok: there are some. Never
//     // called again after closed; write() may be (RFC 8446, 6.1), and nothing was sent in answer.
//     std::size_t readable() const;                   // plain bytes that were opened
//     std::size_t take(MutableBytes);                 // some of them, neither being empty
//
//     Error error() const;
//     Version version() const;                        // these three after the handshake
//     std::uint16_t suite() const;
//     std::string_view alpn() const;
//     Bytes peer_certificate() const;
//
//     // Each of these only where the backend has the capability that is named behind it.
//     bool is_resumed() const;                        // resumption
//     std::size_t resumption_data(MutableBytes);      // resumption: as in Session, without frame
//     std::size_t max_fragment_length() const;        // max_fragment_length
//     Err export_keying_material(MutableBytes, std::string_view, Bytes); // exporter
//     std::uint32_t timeout() const;                  // dtls: until the next retransmission
// };
#pragma once

#include "ussl/context.hpp"
#include "ussl/features.hpp"
#include "ussl/session.hpp"
#include "ussl/x509/path_check.hpp"

namespace ussl {

// Of a context's settings that were checked. A constant where there is one role only.
constexpr bool is_server(Role role) {
    return USSL_SERVER != 0 && (USSL_CLIENT == 0 || role == Role::server);
}

// What a session needs to know besides its context.
// What a switch of the build leaves no choice of is a constant, and takes neither memory nor code.
struct SessionSetup {
#if USSL_CLIENT && USSL_SERVER
    Role role;
#else
    static constexpr Role role = USSL_SERVER ? Role::server : Role::client;
#endif
    Verify verify;
    bool keep_peer_certificate;
#if USSL_DTLS
    bool datagram;
#else
    static constexpr bool datagram = false;
#endif
#if USSL_PSK
    bool has_psk; // a peer with the key needs no certificate
#else
    static constexpr bool has_psk = false;
#endif
    x509::Expectations expectations; // identity.sni included
#if USSL_RESUMPTION
    std::span<const Bytes> own_chain; // as a client who it is, these two
    Bytes psk_identity;
    Bytes resumption; // the engine's own, out of its frame; empty: a full handshake
#else
    static constexpr Bytes resumption{};
#endif
#if USSL_SERVER_NAMES
    // Of a server, for choose_credential().
    std::span<const Credential> more_credentials;
    ServerNameCallback server_name_callback;
#endif

    // Takes over what concerns sessions. Left to do: expectations.can and sha256.
    void set(const ContextConfig& config);
};

// Reads what a client's server_name extension holds (RFC 6066, 3): one host name, of at least one
// byte. Err::none, or bad_message where it is something else.
Err read_server_name(Bytes extension, std::string_view& name);

// Which credential a server shows to a client that asked for `name` (empty: for none), which is
// what the client sent, byte for byte, or at least 256 bytes of it: 0 is ContextConfig::credential,
// from 1 on those of more_credentials; -1: refuse with Err::unknown_server_name and its alert, as
// is done with all that is no host name. A server that has nothing to choose does not look at it.
int choose_credential(const Credential& first, const SessionSetup& setup, std::string_view name);

// The checks of settings that are the same on every backend: roles, versions and features against
// `capabilities`, that what verification needs is there, certificates, keys, ALPN names' lengths,
// suites. The adapter reads an own key again by x509::parse_private_key(), gives its library the
// numbers, and is left with what that must say: whether an elliptic curve's key belongs to the
// certificate's point.
Err check_config(const ContextConfig& config, const Environment& environment,
                 const Capabilities& capabilities, std::span<const std::uint16_t> suites);

// Narrows the versions to those that have a suite in `config.suites`. For settings that were
// checked, where there is more than one version.
void narrow_versions(ContextConfig& config);

// The checks of a peer's identity: syntax, and that what verification needs is there.
Err check_peer_identity(const SessionSetup& setup);

// Whether a certificate can be what verifies the peer: there are anchors or pins to judge it by.
inline bool judges_certificates(const SessionSetup& setup) {
    const x509::Expectations& expected = setup.expectations;
    return setup.verify != Verify::none &&
           !(setup.has_psk && expected.trust_anchors.empty() && expected.pins.empty());
}

// Takes the peer over into a context's setup, as a session is to expect it, and checks it; with the
// time where certificates are judged by it.
Err expect_peer(SessionSetup& setup, const PeerIdentity& peer, const Environment& environment);

// Reads the time. Err::clock_not_set when there is none, or one before earliest_time.
Err read_clock(const Environment& environment, UnixTime& now);

} // namespace ussl
