// What a context may ask its owner while sessions are under way. Each is a function and the pointer
// that it is given; without a function there is no such callback.
//
// They are called from within handshake(), or a read() or write() that carries the handshake
// forward, with the library's frames on the stack: they must not throw, must not unwind (longjmp),
// must not use the session and not close its context. They may open, use and close others, and
// further sessions of this context: whatever becomes of those, this one goes on as if nothing had
// been. What they are given is valid during the call.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl {

// A last word on the peer's certificates. Called for each certificate of the path that passed all
// rules, from the anchor (the highest depth) to the peer's own (depth 0), until one is refused,
// with `verdict` none. (An anchor that is no whole certificate, as those of a root bundle, is not
// shown.) Where Policy::callback_may_accept is set it is also called, once, for the
// peer's own certificate after a rule was broken: `verdict` says which. Not called with
// Verify::none, nor when a session is resumed.
struct VerifyCallback {
    void* user = nullptr;
    // false: the handshake fails, with `verdict` or else Err::refused_by_callback.
    bool (*accept)(void* user, Bytes certificate, unsigned depth, Err verdict) = nullptr;
    // Other bytes wherever it may decide otherwise: sessions that another one has let in are not
    // resumed. Empty: nothing tells this callback from others, and sessions are resumed only with
    // the open context that they were established with.
    Bytes version = {};
};

namespace x509 {
struct TrustAnchor; // ussl/x509/trust_anchor.hpp
}

// Finds trust anchors when a path needs one: in a bundle in flash (ussl/root_bundle.hpp), among a
// host's (ussl/system_roots.hpp), or wherever a program keeps them. Needs USSL_ANCHOR_SOURCE.
struct AnchorSource {
    void* user = nullptr;
    // Fills `anchor`, which comes empty, with one whose subject is `name` (RFC 5280, 4.1.2.6: Name,
    // DER with tag). `number` tells those of one name apart: 0 is the first. false: there is none
    // with this number, nor with a higher one; or it cannot be had, and then nobody is trusted for
    // it. What `anchor` points to must stay until the next call in the same thread.
    bool (*find)(void* user, const Bytes& name, unsigned number,
                 x509::TrustAnchor& anchor) = nullptr;
    // Other bytes wherever the anchors are others: sessions that were established with those are
    // not resumed.
    Bytes version = {};
};

// The key of a pre-shared identity, on a server (RFC 4279, RFC 8446, 4.2.11).
struct PskCallback {
    void* user = nullptr;
    // Points `key` to the key of `identity`, valid until the call returns and the next callback of
    // the same context is made; false, or one that is empty or longer than max_psk_key: there is
    // none. Identities of more than max_psk_identity bytes are not asked for.
    bool (*find)(void* user, Bytes identity, Bytes* key) = nullptr;
};

// A server's choice for a name that no credential's certificate is for (RFC 6066, 3). Empty: the
// client sent no name. What is no host name (labels of 1 to 63 ASCII letters, digits, hyphens and
// underscores, 253 characters at most, a trailing dot allowed) does not come here: the client is
// refused with unrecognized_name.
struct ServerNameCallback {
    void* user = nullptr;
    // Which credential to show: 0 is ContextConfig::credential, from 1 on those of
    // more_credentials. A number beyond them, or a negative one: the client is refused with
    // unrecognized_name.
    int (*choose)(void* user, std::string_view name) = nullptr;
};

// RFC 8446, 4.2.3. In TLS 1.2 an ECDSA scheme names the hash only: the curve is the key's.
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

// A private key that is kept elsewhere: a secure element, another processor.
struct Signer {
    void* user = nullptr;
    // Signs `digest`, which is the scheme's hash of what is to be signed. Writes an ECDSA signature
    // as DER (RFC 3279, 2.2.3), an RSA signature as big as the modulus, to the front of
    // `signature`, which has room for the largest one of the key, and its size to `size`. false: it
    // cannot. Then, and where it wrote what is no signature by its form (raw numbers in place of
    // DER, say), the handshake fails with Err::signer_failed.
    bool (*sign)(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                 std::size_t* size) = nullptr;
};

// Secrets of sessions, for tools that decrypt captures: a line of the NSS key log format, without
// its end. Whoever has these lines can read the traffic.
struct KeyLog {
    void* user = nullptr;
    void (*line)(void* user, std::string_view line) = nullptr;
};

} // namespace ussl
