// Callbacks of a context: a function and the pointer that it is called with. Without a function
// there is no callback.
//
// handshake() calls them, and so do read() and write() while they continue the handshake, with the
// library's frames on the stack. A callback must not throw, must not unwind (longjmp), must not use
// the session that calls it, and must not close its context. It may open, use and close other
// contexts, and other sessions of this context; their outcome does not affect the session that
// calls. Arguments are valid during the call.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl {

// Makes the final decision on the peer's certificates. Called with `verdict` none for each
// certificate of the path that passed all rules, from the anchor (the highest depth) to the peer's
// own (depth 0), until it refuses one. (Anchors that are not whole certificates, such as those of a
// root bundle, are not shown.)
//
// With Policy::callback_may_accept it is also called once for the peer's own certificate after a
// rule was broken; `verdict` is that error. Not called with Verify::none, nor when a session is
// resumed.
struct VerifyCallback {
    void* user = nullptr;
    // false: the handshake fails, with `verdict` or, if that is Err::none, with
    // refused_by_callback.
    bool (*accept)(void* user, Bytes certificate, unsigned depth, Err verdict) = nullptr;
    // Identifies the callback's decisions. Change it whenever the callback may decide differently:
    // sessions that another version has accepted are not resumed. Empty: sessions are resumed only
    // with the same open context.
    Bytes version = {};
};

namespace x509 {
struct TrustAnchor; // ussl/x509/trust_anchor.hpp
}

// Finds trust anchors when a path needs one: in a bundle in flash (ussl/root_bundle.hpp), in the
// host's roots (ussl/system_roots.hpp), or wherever a program keeps them. Needs USSL_ANCHOR_SOURCE.
struct AnchorSource {
    void* user = nullptr;
    // Fills `anchor`, which is empty, with an anchor whose subject is `name` (RFC 5280, 4.1.2.6:
    // Name, DER including its tag). `number` counts the anchors with that name, from 0. false:
    // there is no anchor with this or a higher number, or it cannot be read; then it is not
    // trusted. `anchor`'s bytes must stay valid until the next call in the same thread.
    bool (*find)(void* user, const Bytes& name, unsigned number,
                 x509::TrustAnchor& anchor) = nullptr;
    // Identifies the set of anchors. Change it with the set: sessions that were established with
    // another set are not resumed.
    Bytes version = {};
};

// Finds the key of a pre-shared identity, on a server (RFC 4279; RFC 8446, 4.2.11).
struct PskCallback {
    void* user = nullptr;
    // Points `key` to the key of `identity`. It must stay valid until the next callback of the same
    // context. There is no such key: false, or an empty key, or one longer than max_psk_key. Not
    // called for identities longer than max_psk_identity.
    bool (*find)(void* user, Bytes identity, Bytes* key) = nullptr;
};

// Chooses a server's credential for a name that no credential's certificate is for (RFC 6066, 3).
// `name` is empty if the client sent none. Not called for malformed names (host names have labels
// of 1 to 63 ASCII letters, digits, hyphens and underscores, at most 253 characters, and perhaps a
// trailing dot): such a client is refused with unrecognized_name.
struct ServerNameCallback {
    void* user = nullptr;
    // Returns which credential to send: 0 is ContextConfig::credential, 1 the first of
    // more_credentials, and so on. Any other number refuses the client with unrecognized_name.
    int (*choose)(void* user, std::string_view name) = nullptr;
};

// RFC 8446, 4.2.3. In TLS 1.2 an ECDSA scheme fixes the hash only; the curve is the key's.
enum class SignatureScheme : std::uint16_t {
    rsa_pkcs1_sha256 = 0x0401,
    rsa_pkcs1_sha384 = 0x0501,
    rsa_pkcs1_sha512 = 0x0601,
    ecdsa_sha256 = 0x0403,
    ecdsa_sha384 = 0x0503,
    ecdsa_sha512 = 0x0603,
    rsa_pss_rsae_sha256 = 0x0804,
    rsa_pss_rsae_sha384 = 0x0805,
    rsa_pss_rsae_sha512 = 0x0806,
};

// A private key that is kept elsewhere: in a secure element, on another processor.
struct Signer {
    void* user = nullptr;
    // Signs `digest`, the hash of the message with the scheme's hash function. Writes the signature
    // to the front of `signature`, which is large enough, and its size to `size`: an ECDSA
    // signature as DER (RFC 3279, 2.2.3), an RSA signature as long as the modulus. If it returns
    // false, or the signature is malformed (raw numbers instead of DER, for example), the handshake
    // fails with Err::signer_failed.
    bool (*sign)(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                 std::size_t* size) = nullptr;
};

// Writes the secrets of sessions for tools that decrypt captures: lines of the NSS key log format,
// without line ends. Whoever has these lines can read the traffic.
struct KeyLog {
    void* user = nullptr;
    void (*line)(void* user, std::string_view line) = nullptr;
};

} // namespace ussl
