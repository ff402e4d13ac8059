// The verdict on one certificate path of a peer: one set of rules for all backends.
//
// verify_path() (ussl/x509/path.hpp) finds the paths and lets the library check their signatures.
// It adds the certificates of a path here, the peer's own first, and asks for the verdict.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/capabilities.hpp"
#include "ussl/context.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"
#include "ussl/session.hpp"
#include "ussl/time.hpp"

#include <cstdint>
#include <span>

namespace ussl::x509 {

struct Certificate;

// Length limit of a path, including the peer's own certificate and the anchor.
inline constexpr std::size_t max_path_length = 13;

// Sizes of the keys in a path, in bits. Smaller ones are weak_key (Policy::check_key_strength),
// larger ones, which some libraries cannot compute with, unsupported.
inline constexpr unsigned min_rsa_bits = 2048, max_rsa_bits = 4096, min_curve_bits = 256;

// What the peer's path is checked against. Views as in ContextConfig and PeerIdentity.
struct Expectations {
    Policy policy;
#if USSL_CLIENT && USSL_SERVER
    Role peer_role = Role::server;
#else
    static constexpr Role peer_role = features::server ? Role::client : Role::server;
#endif
    UnixTime now = 0; // used only if policy.check_time is set
    PeerIdentity identity;
    std::span<const Bytes> trust_anchors;
#if USSL_ANCHOR_SOURCE
    const AnchorSource* anchor_source = nullptr;
#else
    static constexpr const AnchorSource* anchor_source = nullptr;
#endif
#if USSL_PINS
    std::span<const Bytes> pins;
    bool (*sha256)(Bytes data, std::uint8_t (&digest)[32]) = nullptr; // needed if there are pins
#else
    static constexpr std::span<const Bytes> pins{};
#endif
#if USSL_VERIFY_CALLBACK
    VerifyCallback verify_callback;
#else
    static constexpr VerifyCallback verify_callback{};
#endif
    const Capabilities* can = nullptr; // supported kinds of keys and signatures; null: all
#if USSL_RESUMPTION
    // If policy.check_time is set, verify_path() stores here when the first certificate of the
    // accepted path expires. May be null.
    UnixTime* valid_until = nullptr;
#endif
};

// Whether paths end at anchors. Without anchors they end at pinned keys.
inline bool has_anchors(const Expectations& expectations) {
    return !expectations.trust_anchors.empty() || expectations.anchor_source != nullptr;
}

// Whether the SubjectPublicKeyInfo of `certificate` is pinned.
bool is_pinned(const Expectations& expectations, const Certificate& certificate);

// Whether the library supports the certificate's key. An unsupported key is an error of its own on
// every path: `unsupported` says more than `untrusted`.
bool key_known(const Certificate& certificate, const Capabilities* can);

// The names of trust anchors in a server's CertificateRequest (RFC 5246, 7.4.4; RFC 8446, 4.2.4):
// a hint to the client, which may end where there is no more room. All of them have 65,535 bytes at
// most with their lengths; in TLS 1.3 the request's other extensions are among these.
class AnchorNames {
public:
    explicit AnchorNames(const Capabilities& can) : can_(can) {}

    // Name, DER with its tag. Empty if it does not fit, or if the anchor is unusable: unreadable,
    // or with an unknown key.
    Bytes next(const Bytes& anchor);

private:
    const Capabilities& can_;
    std::size_t room_ = 0xff00;
};

class PathCheck {
public:
    // Assign another one to it before use.
    PathCheck() = default;

    // `expectations` must stay valid as long as this object is used.
    explicit PathCheck(const Expectations& expectations) : expectations_(&expectations) {}

    // Adds the path's next certificate, DER: first the peer's own, then its issuer, and so on up to
    // the anchor (`is_anchor`), even if the peer did not send that. Certificates behind the anchor,
    // and beyond max_path_length, are ignored. Without anchors, the first certificate with a pinned
    // key is the anchor. `der` must stay valid until verdict().
    void add(const Bytes& der, bool is_anchor = false);

    // The same for a certificate that parse() has read; null: it cannot be read. An anchor's `der`
    // may be empty.
    void add(const Bytes& der, const Certificate* certificate, bool is_anchor);

    // `trusted`: the certificates form a path to an anchor, with valid signatures. If there is no
    // path, add the peer's certificates in the order in which they came.
    //
    // If several rules are broken, the first of this list is the result, whatever the order of the
    // certificates: no certificate, malformed or unknown critical extension, unsupported key or
    // signature, weak, untrusted (without anchors: no pinned key), outside its validity, wrong
    // purpose, wrong host, no pinned key.
    Err verdict(bool trusted);

    bool empty() const { return count_ == 0; }

#if USSL_RESUMPTION
    // The earliest expiry of the certificates so far.
    UnixTime valid_until() const { return valid_until_; }
#endif

private:
    // Rules in order of precedence. A violation is stored as (rule << 12 | Err); the lowest one
    // wins.
    enum Rule : unsigned { readable, known, strength, path, time, purpose, identity, pin };
    static constexpr unsigned rule_shift = 12; // an Err takes less
    static constexpr unsigned none_broken = ~0u;

    void broken(Rule rule, Err why) { note(rule << rule_shift | static_cast<unsigned>(why)); }
    void note(unsigned broken);

    void judge(const Certificate& certificate, bool anchor);
    void judge_names_below(Bytes constraints);
    void judge_leaf(const Certificate& certificate);
    void judge_issuer(const Certificate& certificate);

    const Expectations* expectations_ = nullptr;
    Bytes last_issuer_;
    unsigned broken_ = none_broken;
#if USSL_RESUMPTION
    UnixTime valid_until_ = INT64_MAX;
#endif
    std::uint8_t count_ = 0;
    std::uint8_t intermediates_ = 0; // without self-issued ones
    bool reached_anchor_ = false;
    bool has_pinned_key_ = false;
#if USSL_NAME_CONSTRAINTS
    Bytes below_[max_path_length]; // that were added
#endif
};

} // namespace ussl::x509
