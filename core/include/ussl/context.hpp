// A context: settings that many sessions share, checked once.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/capabilities.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"
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
    std::span<const Bytes> chain;
    // PKCS#8 PrivateKeyInfo (RFC 5958), SEC1 ECPrivateKey (RFC 5915) or PKCS#1 RSAPrivateKey
    // (RFC 8017, A.1.2); not encrypted.
    Bytes private_key;
};

struct ContextConfig {
    Role role = Role::client;
    Verify verify = Verify::required;
    Policy policy;

    // X.509 certificates, DER, trusted as issuers whatever signed them. Mandatory where
    // verify is not none. On a server their names go into the certificate request.
    std::span<const Bytes> trust_anchors;

    // Mandatory on a server. On a client: shown when the server asks. Empty: none.
    Credential credential;

    // Version::none: the lowest, or the highest, that the backend has.
    Version min_version = Version::none;
    Version max_version = Version::none;

    // Protocol names in order of preference, 1 to 255 bytes each (RFC 7301). On a server a
    // client that offers only others is refused; one that offers none is let in.
    std::span<const std::string_view> alpn;

    // Keep the peer's own certificate for Session::peer_certificate(). Costs its size in memory.
    bool keep_peer_certificate = false;
};

// A backend as it is known at run time. There is one object for each, with static storage.
struct Backend {
    std::string_view name;                 // "mbedtls", "wolfssl", "bearssl"
    std::string_view (*library_version)(); // of the library that is linked: "3.6.7"
    Capabilities capabilities;
};

class Context {
public:
    // Checks the settings and readies the library. Precondition: not open, else invalid_state.
    //
    // On anything but Err::none nothing is kept and the context may be opened again. Bad material
    // and unsupported settings are found here, before a byte goes out.
    //
    // All that `config` points to must stay where it is, unchanged, until close(): backends that
    // can use it in place (in flash, say) do. So must `environment`.
    virtual Error open(const ContextConfig& config, const Environment& environment) = 0;

    // Wipes keys and releases what open() took. Precondition: no session of it is open.
    // Closing a context that is not open does nothing.
    virtual void close() = 0;

    virtual bool is_open() const = 0;

    virtual const Backend& backend() const = 0;

protected:
    Context() = default;
    ~Context() = default; // not virtual: contexts are never deleted through this class
};

} // namespace ussl
