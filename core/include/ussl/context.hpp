// A context: settings that many sessions share, checked once.
//
// Threads: while a thread opens or closes a context no other thread may use it. In between several
// threads may use its sessions at once, each session by one thread at a time. Different contexts
// are independent. Callbacks, the environment's functions and the allocator are called in the
// thread whose call needs them.
//
// Where USSL_HOSTED is 0 there are no locks unless the program gives one (USSL_LOCKS,
// ussl::set_locks()). Without it one thread at a time may use the contexts and sessions of a
// backend.
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

// How the peer's certificate is verified.
//   none      A client accepts any certificate. A server asks for none.
//   optional  A server asks, and accepts a client without a certificate; a bad certificate is an
//             error. On a client the same as required: servers always send one.
//   required  No connection without a valid certificate.
enum class Verify : std::uint8_t { none, optional, required };

// A certificate chain and its private key, in DER (ussl/pem.hpp converts PEM).
struct Credential {
    // X.509 certificates: the own one first, then its issuer, and so on; the trust anchor may be
    // left out. At most 12 certificates and 16 KB, the limits of peers: otherwise invalid_argument.
    std::span<const Bytes> chain = {};
    // PKCS#8 of version 1 or 2 (RFC 5958), SEC1 ECPrivateKey (RFC 5915) or PKCS#1 RSAPrivateKey
    // (RFC 8017, A.1.2), not encrypted. RSA: 1024 to 4096 bits, two primes of equal size. Checked
    // against the certificate before the library sees it: see ussl/x509/private_key.hpp.
    Bytes private_key = {};
    // Instead of private_key: signs with the key of the chain's first certificate. Needs
    // Capabilities::sign_callback. Without Capabilities::rsa_signer_tls1_3 a context whose signer
    // has an RSA key does not offer TLS 1.3; if its min_version is TLS 1.3 it is unsupported.
    Signer signer = {};
};

// A secret that both ends know in advance, instead of certificates. In builds without
// Capabilities::certificates it is mandatory (else no_psk), and settings of certificates are
// unsupported.
struct PreSharedKey {
    Bytes identity = {}; // 1 to max_psk_identity bytes, sent in the clear
    Bytes key = {};      // 1 to max_psk_key bytes
};
inline constexpr std::size_t max_psk_identity = 128, max_psk_key = 48;

// Seconds: seven days (RFC 8446, 4.6.1), and "an upper limit of 24 hours" (RFC 5246, F.1.4).
inline constexpr std::uint32_t max_session_lifetime = 7 * 24 * 3600,
                               default_server_session_lifetime = 24 * 3600;

inline constexpr std::size_t max_ticket_keys = 2, ticket_key_size = 32;

// Bytes of the longest connection ID, own and peer's; RFC 9146 allows 255.
inline constexpr std::size_t max_connection_id = 32;
inline constexpr std::uint16_t least_record_size_limit = 64; // RFC 8449, 4

// Total size of all ALPN names in bytes, plus one for each name; and the number of names.
inline constexpr std::size_t max_alpn_list = 512, max_alpn_names = 32;

struct ContextConfig {
    Role role = Role::client;
    Verify verify = Verify::required;
    Policy policy = {};

    // X.509 certificates, DER, trusted as issuers no matter who signed them. If verify is not none,
    // these, anchor_source or pins are mandatory. All must be readable: else bad_trust_anchor, and
    // Error::certificate says which. A server lists their names in its CertificateRequest.
    std::span<const Bytes> trust_anchors = {};

    // Finds further trust anchors when a path needs one. Null: none. They are not listed in a
    // CertificateRequest: the list would be longer than the rest of the handshake. If no list is
    // sent the client chooses by itself (RFC 8446, 4.2.4; RFC 5246, 7.4.4).
    const AnchorSource* anchor_source = nullptr;

    // SHA-256 digests, 32 bytes each, of SubjectPublicKeyInfos (RFC 7858, 4.2). With trust anchors:
    // the path must also contain a certificate with one of these keys. Without: a certificate with
    // one of these keys is the anchor, even if it is the peer's own.
    std::span<const Bytes> pins = {};

    VerifyCallback verify_callback = {};

    // Mandatory on a server, unless it has pre-shared keys. A client sends it if the server asks
    // for a certificate. Empty: none.
    Credential credential = {};

    // Servers: further credentials. One is used if the client asks for a name that its certificate
    // is for and that of `credential` is not. Needs Capabilities::server_names, as does the
    // callback.
    std::span<const Credential> more_credentials = {};
    ServerNameCallback server_name_callback = {};

    // Client: the key to offer. Server: `psk_callback` finds keys. Needs Capabilities::psk. A peer
    // that has the key is verified without a certificate.
    PreSharedKey psk = {};
    PskCallback psk_callback = {};

    // Cipher suites by IANA number, the preferred one first. Empty: all of Backend::suites; in
    // builds without certificates all but those without forward secrecy (TLS_PSK_WITH_…: whoever
    // learns the key can read what was recorded before), which are used only where they are listed.
    // A version without a suite in the list is not negotiated. invalid_argument: a number that no
    // backend knows. unsupported: one that this backend lacks.
    std::span<const std::uint16_t> suites = {};

    // Version::none: the lowest and the highest version of the build.
    Version min_version = Version::none;
    Version max_version = Version::none;

    // Protocol names (RFC 7301), the preferred one first: 1 to 255 bytes each, no NUL, at most
    // max_alpn_names names and max_alpn_list bytes. A server refuses a client that offers other
    // names only, and accepts a client that offers none. The names are copied.
    std::span<const std::string_view> alpn = {};

    // DTLS 1.2 (RFC 6347) over datagrams. Needs Capabilities::dtls and Environment::milliseconds.
    bool datagram = false;
    // The largest datagram to send, in bytes without the IP and UDP headers: 256 to 16384. 0: 1232,
    // which fits into the smallest packet that IPv6 guarantees (RFC 8200, 5). A flight of the
    // handshake that is lost twice is sent in datagrams of at most 508 bytes (RFC 6347, 4.1.1.1).
    std::uint16_t datagram_size = 0;

    // Client: keeps resumption_data(), if the server offers it. Server: lets clients resume, with
    // tickets or a cache in this context. Needs Capabilities::resumption.
    bool resumption = false;
    // Seconds since the full handshake: how long a server lets a client resume, and how long a
    // client uses stored data. Resuming does not extend it. It ends earlier when a certificate of
    // the peer's path expires and, on a client with TLS 1.3, when the server's ticket expires. At
    // most max_session_lifetime. 0: max_session_lifetime on a client,
    // default_server_session_lifetime on a server.
    std::uint32_t session_lifetime = 0;
    // Server: secrets of 32 random bytes that encrypt its tickets, instead of keys that the context
    // makes and renews. Servers that share a secret resume each other's sessions if they have the
    // same rules for clients, backend and build. The first secret encrypts new tickets; the second
    // is also accepted, so that keys can be changed. Change them at least once each
    // session_lifetime: whoever has a key can read the TLS 1.2 traffic of that time (RFC 5077,
    // 5.5). Needs Capabilities::ticket_keys.
    std::span<const Bytes> ticket_keys = {};
    // Size of a server's session cache in bytes, for libraries without tickets. If it is full the
    // oldest session is dropped.
    std::size_t session_cache_size = 2048;

    // Client: asks for records of at most 512, 1024, 2048 or 4096 plain bytes (RFC 6066, 4). 0:
    // does not ask. Servers grant what clients ask for; here it must be 0. Needs
    // Capabilities::max_fragment_length. Without Capabilities::max_fragment_length_tls1_3 such a
    // client does not offer TLS 1.3 (if its min_version is TLS 1.3 it is unsupported), and servers
    // do not grant it in TLS 1.3.
    std::uint16_t max_fragment_length = 0;
    // The largest record to receive, in plain bytes (RFC 8449): least_record_size_limit to 16384.
    // 0: USSL_RECORD_INPUT, the largest that is possible; none if max_fragment_length is set, which
    // a server that knows both ignores. Both roles announce it in each handshake, in all versions,
    // and the peer sends no longer records once they are encrypted; one is record_too_large. A peer
    // that does not know this extension may send any: then those up to USSL_RECORD_INPUT are
    // accepted. Needs Capabilities::record_size_limit. Not with `datagram`: unsupported, as is a
    // larger one than USSL_RECORD_INPUT.
    std::uint16_t record_size_limit = 0;

    // Milliseconds from Session::open() to the end of the handshake, whatever the peer does. After
    // that the session fails with Err::handshake_timeout, and the peer gets no alert, as with
    // close() during the handshake. 0: no limit. Needs Environment::milliseconds.
    std::uint32_t handshake_timeout = 0;

    // Needs Capabilities::key_log.
    KeyLog key_log = {};

    // Keep the peer's own certificate for Session::peer_certificate(). Takes its size in memory.
    bool keep_peer_certificate = false;

    // Datagrams: negotiates connection IDs (RFC 9146) with peers that have them. A session is then
    // recognised by the ID in its records, even if the peer's address changes:
    // ussl/connection_id.hpp. Needs Capabilities::connection_id.
    bool connection_id = false;
    // Bytes of PeerIdentity::connection_id, the ID that peers put into the records that they send
    // to sessions of this context: at most max_connection_id. One length for all sessions, because
    // records do not say how long it is. 0: none; a client usually has a peer's ID to send, and
    // none to receive. Without `connection_id` it must be 0.
    std::uint8_t connection_id_size = 0;
};

// Whether certificates can be verified with these settings.
inline bool has_anchors_or_pins(const ContextConfig& config) {
    return !config.trust_anchors.empty() || config.anchor_source != nullptr || !config.pins.empty();
}

// A backend at run time: one static object for each.
struct Backend {
    std::string_view name;                 // of its folder: "bearssl"
    std::string_view (*library_version)(); // of the linked library: "3.6.7"
    Capabilities capabilities;
    std::span<const std::uint16_t> suites; // IANA numbers, the preferred one first
    // SHA-256 of `data` (FIPS 180-4). Returns false if there is no memory.
    bool (*sha256)(Bytes data, std::uint8_t (&digest)[32]);
};

class Context {
public:
    // Checks the settings and starts the library. Precondition: not open; otherwise invalid_state.
    //
    // After an error nothing is kept, and the context may be opened again. Bad certificates and
    // keys, and unsupported settings, are found here, before any byte is sent.
    //
    // Everything that `config` points to must stay in place and unchanged until close(): backends
    // use it there (in flash, for example), private keys included. So must `environment`.
    USSL_WITH_SWITCHES USSL_VIRTUAL Error open(const ContextConfig& config,
                                               const Environment& environment) USSL_PURE;

    // Wipes keys and frees what open() took. Precondition: no session of this context is open. Does
    // nothing if the context is not open.
    USSL_VIRTUAL void close() USSL_PURE;

    USSL_VIRTUAL bool is_open() const USSL_PURE;

    USSL_VIRTUAL const Backend& backend() const USSL_PURE;

protected:
    Context() = default;
    ~Context() = default; // not virtual: contexts are never deleted through this class
};

} // namespace ussl
