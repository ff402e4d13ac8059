#include "ussl/x509/path_check.hpp"

#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/identity.hpp"
#include "ussl/x509/name_constraints.hpp"

namespace ussl::x509 {
namespace {

bool signature_known(SignatureKind kind, const Capabilities* can) {
    if (features::rsa && kind == SignatureKind::rsa_pss)
        return can == nullptr || can->rsa_pss_certificates;
    return kind != SignatureKind::other;
}

} // namespace

bool key_known(const Certificate& certificate, const Capabilities* can) {
    switch (certificate.key) {
    case KeyKind::rsa:
        return features::rsa && certificate.key_bits <= max_rsa_bits &&
               (can == nullptr || can->rsa);
    case KeyKind::ec_p256: return can == nullptr || can->ecdsa_p256;
    case KeyKind::ec_p384: return features::p384 && (can == nullptr || can->ecdsa_p384);
    default: return false;
    }
}

Bytes AnchorNames::next(const Bytes& anchor) {
    Certificate certificate{};
    if (!parse(anchor, certificate) || !key_known(certificate, &can_)) return {};
    const std::size_t size = 2 + certificate.subject.size();
    if (size > room_) return {};
    room_ -= size;
    return certificate.subject;
}

bool is_pinned(const Expectations& expectations, const Certificate& certificate) {
#if USSL_PINS
    if (expectations.pins.empty()) return false;
    std::uint8_t digest[32];
    if (!expectations.sha256(certificate.subject_public_key, digest)) return false;
    for (const Bytes& pin : expectations.pins)
        if (equal(pin, Bytes{digest})) return true;
#else
    static_cast<void>(expectations), static_cast<void>(certificate);
#endif
    return false;
}

// Keeps the violation of the highest precedence, the first one if equal. Not inlined: it has many
// callers.
[[gnu::noinline]] void PathCheck::note(unsigned broken) {
    if (broken >> rule_shift < broken_ >> rule_shift) broken_ = broken;
}

void PathCheck::add(const Bytes& der, bool is_anchor) {
    Certificate certificate{};
    add(der, parse(der, certificate) ? &certificate : nullptr, is_anchor);
}

void PathCheck::add([[maybe_unused]] const Bytes& der, const Certificate* certificate,
                    bool is_anchor) {
    if (reached_anchor_ || count_ == max_path_length) return;
    if (certificate != nullptr) {
        const bool pinned = features::pins && is_pinned(*expectations_, *certificate);
        has_pinned_key_ = has_pinned_key_ || pinned;
        reached_anchor_ = is_anchor || (pinned && !has_anchors(*expectations_));
        judge(*certificate, reached_anchor_);
    } else {
        broken(readable, Err::bad_peer_certificate);
    }
#if USSL_NAME_CONSTRAINTS
    below_[count_] = der;
#endif
    ++count_;
}

void PathCheck::judge(const Certificate& certificate, bool anchor) {
    const Policy& policy = expectations_->policy;
    if (policy.check_critical_extensions && certificate.has_unknown_critical)
        broken(readable, Err::bad_peer_certificate);

    const unsigned min_bits =
        features::rsa && certificate.key == KeyKind::rsa ? min_rsa_bits : min_curve_bits;
    if (policy.check_key_strength && certificate.key_bits != 0 && certificate.key_bits < min_bits)
        broken(strength, Err::weak_key);
    else if (!key_known(certificate, expectations_->can))
        broken(known, Err::unsupported);
    // An anchor is trusted because it is listed: its signature does not count.
    if (!anchor) {
        if (!signature_known(certificate.signature, expectations_->can))
            broken(known, Err::unsupported);
        if (policy.check_signature_strength && certificate.signature == SignatureKind::weak_hash)
            broken(strength, Err::weak_signature);
    }

    if (policy.check_time) {
        if (expectations_->now < certificate.not_before) broken(time, Err::not_yet_valid);
        if (expectations_->now > certificate.not_after) broken(time, Err::expired);
#if USSL_RESUMPTION
        if (certificate.not_after < valid_until_) valid_until_ = certificate.not_after;
#endif
    }
    // On an issuer it limits the certificates below, as in browsers.
    const std::uint8_t use = expectations_->peer_role == Role::server ? server_auth : client_auth;
    if (policy.check_purpose && (certificate.extended_key_usage & use) == 0)
        broken(purpose, Err::wrong_purpose);
    if (policy.check_constraints && !certificate.name_constraints.empty())
        judge_names_below(certificate.name_constraints);
    if (count_ == 0)
        judge_leaf(certificate);
    else
        judge_issuer(certificate);
    last_issuer_ = certificate.issuer;
}

void PathCheck::judge_names_below(Bytes constraints) {
#if USSL_NAME_CONSTRAINTS
    if (expectations_->can == nullptr || expectations_->can->name_constraints) {
        for (std::size_t i = 0; i < count_; ++i) {
            Certificate below{};
            if (!parse(below_[i], below)) continue; // already noted
            // RFC 5280, 4.2.1.10: not those of self-issued issuers.
            if (i != 0 && equal(below.subject, below.issuer)) continue;
            if (!keeps_name_constraints(below, constraints)) broken(path, Err::untrusted);
        }
        return;
    }
#endif
    static_cast<void>(constraints);
    broken(known, Err::unsupported);
}

void PathCheck::judge_leaf(const Certificate& certificate) {
    const Policy& policy = expectations_->policy;
    // All cipher suites of this project need a signature by the peer (ECDHE, and TLS 1.3).
    if (policy.check_purpose && (certificate.key_usage & digital_signature) == 0)
        broken(purpose, Err::wrong_purpose);
    if (policy.check_identity && expectations_->peer_role == Role::server &&
        !matches(certificate.subject_alt_name, expectations_->identity))
        broken(identity, Err::wrong_host);
}

void PathCheck::judge_issuer(const Certificate& certificate) {
    // RFC 5280, 7.1: an issuer's name is repeated byte by byte; not all libraries insist on that.
    if (!equal(certificate.subject, last_issuer_)) broken(path, Err::untrusted);
    if (expectations_->policy.check_constraints &&
        (!certificate.is_ca || (certificate.key_usage & key_cert_sign) == 0 ||
         certificate.path_length < intermediates_))
        broken(path, Err::untrusted);
    // RFC 5280, 4.2.1.9: self-issued ones do not count for the path length.
    if (!equal(certificate.subject, certificate.issuer)) ++intermediates_;
}

Err PathCheck::verdict(bool trusted) {
    if (empty()) return Err::no_peer_certificate;
    const bool anchors = has_anchors(*expectations_), pins = !expectations_->pins.empty();
    if (!trusted || !reached_anchor_)
        broken(path, anchors || !pins ? Err::untrusted : Err::pin_mismatch);
    if (pins && !has_pinned_key_) broken(pin, Err::pin_mismatch);
    constexpr unsigned err_mask = (1u << rule_shift) - 1;
    return broken_ == none_broken ? Err::none : static_cast<Err>(broken_ & err_mask);
}

} // namespace ussl::x509
