// The verdict on one certificate path of a peer: one set of rules for all backends.
//
// verify_path() (ussl/x509/path.hpp) finds the paths, and asks the library whether their signatures
// are good. It adds the certificates of a path here, the peer's own first, and asks for the
// verdict.
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

// Certificates of a path, the peer's own and the anchor included: of those that a peer sends, only
// so many less one are looked at.
inline constexpr std::size_t max_path_length = 13;

// Bits of the keys in a path. A smaller one is weak_key (Policy::check_key_strength), a larger one,
// which not every library can compute with, unsupported.
inline constexpr unsigned min_rsa_bits = 2048, max_rsa_bits = 4096, min_curve_bits = 256;

// What the peer's path is judged by. Views as in ContextConfig and PeerIdentity.
struct Expectations {
    Policy policy;
#if USSL_CLIENT && USSL_SERVER
    Role peer_role = Role::server;
#else
    static constexpr Role peer_role = features::server ? Role::client : Role::server;
#endif
    UnixTime now = 0; // read only where policy.check_time is set
    PeerIdentity identity;
    std::span<const Bytes> trust_anchors;
#if USSL_ANCHOR_SOURCE
    const AnchorSource* anchor_source = nullptr;
#else
    static constexpr const AnchorSource* anchor_source = nullptr;
#endif
#if USSL_PINS
    std::span<const Bytes> pins;
    bool (*sha256)(Bytes data, std::uint8_t (&digest)[32]) = nullptr; // needed where there are pins
#else
    static constexpr std::span<const Bytes> pins{};
#endif
#if USSL_VERIFY_CALLBACK
    VerifyCallback verify_callback;
#else
    static constexpr VerifyCallback verify_callback{};
#endif
    const Capabilities* can = nullptr; // kinds of keys and signatures; null: all that are known
#if USSL_RESUMPTION
    // Where policy.check_time is set verify_path() stores here when the shortest validity of the
    // path that passed ends. Null: nobody wants to know.
    UnixTime* valid_until = nullptr;
#endif
};

// Whether there are anchors for paths to end with. Without, pinned keys end them.
inline bool has_anchors(const Expectations& expectations) {
    return !expectations.trust_anchors.empty() || expectations.anchor_source != nullptr;
}

// Whether the SubjectPublicKeyInfo of `certificate` is one of the pinned ones.
bool is_pinned(const Expectations& expectations, const Certificate& certificate);

// Whether a library can compute with the certificate's key. One with another key breaks a rule of
// its own, on whatever path: unsupported says more than untrusted.
bool key_known(const Certificate& certificate, const Capabilities* can);

class PathCheck {
public:
    // To be assigned another one before use.
    PathCheck() = default;

    // `expectations` must stay valid as long as this object is used.
    explicit PathCheck(const Expectations& expectations) : expectations_(&expectations) {}

    // The path's next certificate, DER: first the peer's own, then the issuer of the one before, up
    // to and with the anchor, whether it was sent or not; `is_anchor` says which that is. Those
    // behind it, and beyond max_path_length, are not looked at. Without anchors the first with a
    // pinned key is the anchor. `der` must stay valid until verdict().
    void add(const Bytes& der, bool is_anchor = false);

    // The same for one that parse() has read; null: it cannot be read. An anchor's `der` may be
    // empty.
    void add(const Bytes& der, const Certificate* certificate, bool is_anchor);

    // `trusted`: what was added is a path of valid signatures to one of the anchors. Where there is
    // none, add what the peer sent, in the order in which it came.
    //
    // When several rules are broken, the first of this list is told, whatever the order of the
    // certificates: no certificate, malformed or unknown critical extension, kind of key or
    // signature that this build lacks, weak, untrusted (without anchors: no pinned key), outside
    // its validity, wrong purpose, wrong host, no pinned key.
    Err verdict(bool trusted);

    bool empty() const { return count_ == 0; }

#if USSL_RESUMPTION
    // Of the certificates so far, the first that ends.
    UnixTime valid_until() const { return valid_until_; }
#endif

private:
    // The order in which broken rules are told, and what is told: as one number, of which the first
    // broken rule's is kept.
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
    std::uint8_t intermediates_ = 0; // that are not self-issued
    bool reached_anchor_ = false;
    bool has_pinned_key_ = false;
#if USSL_NAME_CONSTRAINTS
    Bytes below_[max_path_length]; // that were added
#endif
};

} // namespace ussl::x509
