// A context: settings that many sessions share, checked once.
//
// Threads: a context is opened and closed by one thread while no other uses it. In between its
// sessions may be used by several threads at once, each session by one at a time. Different
// contexts do not concern each other. Callbacks, the environment's functions and the allocator are
// called in the thread whose call needs them, and must be ready for that. Where
// USSL_HOSTED is 0 nothing is locked unless the program gives a lock (USSL_LOCKS,
// ussl::set_locks()): without, one thread at a time may use the contexts and sessions of a backend.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/callbacks.hpp"
#include "ussl/capabilities.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"
#include "ussl/interface.hpp"
#include "ussl/policy.hpp"
#include "ussl/protocol.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace ussl {

enum class Role : std::uint8_t { client, server };

// Whether the peer's certificate is checked.
//   none      the client accepts any certificate; the server asks for none
//   optional  the server asks; a client that sends none is let in, one that sends a bad one is
//             not. On a client the same as required, as servers always send one
//   required  no connection without a certificate that passes
enum class Verify : std::uint8_t { none, optional, required };

// A certificate chain and its private key. All DER (ussl/pem.hpp turns PEM into DER).
struct Credential {
    // X.509 certificates, the own one first, then its issuer, and so on; the anchor may be absent.
    // At most 12, and 16 KB, as peers take no more: else invalid_argument.
    std::span<const Bytes> chain = {};
    // PKCS#8 of version 1 or 2 (RFC 5958), SEC1 ECPrivateKey (RFC 5915) or PKCS#1 RSAPrivateKey
    // (RFC 8017, A.1.2); not encrypted. Of RSA 1024 to 4096 bits, with two primes of half the size.
    // Read, and checked against the certificate, before a library sees it, as
    // ussl/x509/private_key.hpp says.
    Bytes private_key = {};
    // In place of private_key: signs with the key of the chain's first certificate. Needs
    // Capabilities::sign_callback. With an RSA key a context does not speak TLS 1.3, and one whose
    // min_version is that is unsupported, unless the backend has Capabilities::rsa_signer_tls1_3.
    Signer signer = {};
};

// A secret that both ends know in advance, in place of certificates.
struct PreSharedKey {
    Bytes identity = {}; // 1 to max_psk_identity bytes, sent in the clear
    Bytes key = {};      // 1 to max_psk_key bytes
};
inline constexpr std::size_t max_psk_identity = 128, max_psk_key = 48;

// Seconds (RFC 8446, 4.6.1: seven days; RFC 5246, F.1.4: "an upper limit of 24 hours is
// suggested").
inline constexpr std::uint32_t max_session_lifetime = 7 * 24 * 3600,
                               default_server_session_lifetime = 24 * 3600;

inline constexpr std::size_t max_ticket_keys = 2, ticket_key_size = 32;

// Bytes of all ALPN names, one more for each; and how many names there may be.
inline constexpr std::size_t max_alpn_list = 512, max_alpn_names = 32;

struct ContextConfig {
    Role role = Role::client;
    Verify verify = Verify::required;
    Policy policy = {};

    // X.509 certificates, DER, trusted as issuers whatever signed them. These, anchor_source or
    // pins are mandatory where verify is not none. On a server their names go into the certificate
    // request.
    std::span<const Bytes> trust_anchors = {};

    // Trusted as well, and looked for when a path needs one. Null: none. A certificate request does
    // not name these: a list of all would be longer than the rest of the handshake, and RFC 8446,
    // 4.2.4 and RFC 5246, 7.4.4 let a client that is named none choose by itself.
    const AnchorSource* anchor_source = nullptr;

    // SHA-256 digests, 32 bytes each, of SubjectPublicKeyInfos (RFC 7858, 4.2). With trust anchors:
    // the path must also hold a certificate with one of these keys. Without: a certificate with one
    // of these keys is the anchor, be it the peer's own.
    std::span<const Bytes> pins = {};

    VerifyCallback verify_callback = {};

    // Mandatory on a server, unless it has pre-shared keys. On a client: shown when the server
    // asks. Empty: none.
    Credential credential = {};

    // Further ones of a server, shown to clients that ask for a name that their certificate is for
    // and credential's is not. Needs Capabilities::server_names, as does the callback.
    std::span<const Credential> more_credentials = {};
    ServerNameCallback server_name_callback = {};

    // Client: the key that is offered. Server: `psk_callback` finds keys. Needs Capabilities::psk.
    // A peer that shows no certificate but has the key is verified.
    PreSharedKey psk = {};
    PskCallback psk_callback = {};

    // Cipher suites in order of preference, IANA numbers. Empty: all of Backend::suites. A version
    // none of whose suites is listed is not negotiated. Those that no backend knows give
    // invalid_argument, those that this backend lacks give unsupported.
    std::span<const std::uint16_t> suites = {};

    // Version::none: the lowest, or the highest, that the backend has.
    Version min_version = Version::none;
    Version max_version = Version::none;

    // Protocol names in order of preference, 1 to 255 bytes each without a NUL (RFC 7301), at most
    // max_alpn_names, and max_alpn_list in all. On a server a client that offers only others is
    // refused; one that offers none is let in. They are copied.
    std::span<const std::string_view> alpn = {};

    // DTLS 1.2 (RFC 6347) over datagrams. Needs Capabilities::dtls and Environment::milliseconds.
    bool datagram = false;
    // The largest datagram that is sent, in bytes, without the headers of IP and UDP; 256 to 16384.
    // 0: 1232, what fits into the smallest packet that IPv6 guarantees to pass (RFC 8200, 5). A
    // flight of the handshake that is lost twice is sent in datagrams of at most 508 bytes (RFC
    // 6347, 4.1.1.1).
    std::uint16_t datagram_size = 0;

    // Client: keeps what resumption_data() gives, which a server must offer. Server: lets clients
    // resume, with tickets or a cache of this context. Needs Capabilities::resumption.
    bool resumption = false;
    // Seconds from a full handshake on: how long a server lets its client resume, and how long a
    // client uses what it has stored; resumed sessions do not begin anew. It ends earlier where the
    // validity of a certificate does that the peer was verified by, and on a client in TLS 1.3
    // where the server says so. At most max_session_lifetime. 0: that much on a client,
    // default_server_session_lifetime on a server.
    std::uint32_t session_lifetime = 0;
    // Server: secrets of 32 random bytes for its tickets, in place of keys that the context draws
    // and renews by itself. Servers with the same one resume each other's sessions, where they
    // have the same rules for clients and are of the same backend and build. New tickets are
    // encrypted with the first; a second one is taken as well, so that a key can be changed: do so
    // at least once each session_lifetime, for who has it can read what was sent meanwhile in TLS
    // 1.2 (RFC 5077, 5.5). Needs Capabilities::ticket_keys.
    std::span<const Bytes> ticket_keys = {};
    // Bytes that a server's cache may take where the library has no tickets; what does not fit
    // drops out, the oldest first.
    std::size_t session_cache_size = 2048;

    // A client asks for records of at most so many plain bytes: 512, 1024, 2048 or 4096 (RFC 6066,
    // 4). 0: it does not ask. Servers grant what they are asked for, and have 0 here. Needs
    // Capabilities::max_fragment_length. Without Capabilities::max_fragment_length_tls1_3 a client
    // that asks does not offer TLS 1.3, one whose min_version is that is unsupported, and servers
    // do not grant it in TLS 1.3.
    std::uint16_t max_fragment_length = 0;

    // Milliseconds from Session::open() to the end of the handshake, whatever the peer does
    // meanwhile; then Err::handshake_timeout, of which the peer is told no more than of a close()
    // within the handshake. 0: no limit. Needs Environment::milliseconds.
    std::uint32_t handshake_timeout = 0;

    // Needs Capabilities::key_log.
    KeyLog key_log = {};

    // Keep the peer's own certificate for Session::peer_certificate(). Costs its size in memory.
    bool keep_peer_certificate = false;
};

// Whether there is something to judge certificates by.
inline bool has_anchors_or_pins(const ContextConfig& config) {
    return !config.trust_anchors.empty() || config.anchor_source != nullptr || !config.pins.empty();
}

// A backend as it is known at run time. There is one object for each, with static storage.
struct Backend {
    std::string_view name;                 // of its folder: "bearssl"
    std::string_view (*library_version)(); // of the library that is linked: "3.6.7"
    Capabilities capabilities;
    std::span<const std::uint16_t> suites; // IANA numbers, in the order of preference
    // The SHA-256 of `data` (FIPS 180-4). false: no memory for it.
    bool (*sha256)(Bytes data, std::uint8_t (&digest)[32]);
};

class Context {
public:
    // Checks the settings and readies the library. Precondition: not open, else invalid_state.
    //
    // On anything but Err::none nothing is kept and the context may be opened again. Bad material
    // and unsupported settings are found here, before a byte goes out.
    //
    // All that `config` points to must stay where it is, unchanged, until close(): backends that
    // can use it in place (in flash, say) do, private keys included. So must `environment`.
    USSL_WITH_SWITCHES USSL_VIRTUAL Error open(const ContextConfig& config,
                                               const Environment& environment) USSL_PURE;

    // Wipes keys and releases what open() took. Precondition: no session of it is open.
    // Closing a context that is not open does nothing.
    USSL_VIRTUAL void close() USSL_PURE;

    USSL_VIRTUAL bool is_open() const USSL_PURE;

    USSL_VIRTUAL const Backend& backend() const USSL_PURE;

protected:
    Context() = default;
    ~Context() = default; // not virtual: contexts are never deleted through this class
};

} // namespace ussl
