#include "ussl/x509/path_check.hpp"

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/identity.hpp"

namespace ussl::x509 {
namespace {

constexpr std::uint16_t min_rsa_bits = 2048;

Err time_error(UnixTime now, UnixTime not_before, UnixTime not_after) {
    if (now < not_before) return Err::not_yet_valid;
    return now > not_after ? Err::expired : Err::none;
}

bool purpose_allowed(const Certificate& leaf, Role role) {
    const std::uint8_t needed = role == Role::server ? server_auth : client_auth;
    if ((leaf.extended_key_usage & needed) == 0) return false;
    // The suites of this project sign (ECDHE, TLS 1.3) or, with RSA key transport, encipher.
    return (leaf.key_usage & digital_signature) != 0;
}

} // namespace

void PathCheck::broken(Rule rule, Err why) {
    if (errors_[rule] == Err::none) errors_[rule] = why;
}

void PathCheck::check_time(UnixTime not_before, UnixTime not_after) {
    if (!expectations_->policy.check_time) return;
    if (const Err error = time_error(expectations_->now, not_before, not_after); error != Err::none)
        broken(time, error);
}

bool PathCheck::is_anchor(Bytes der) const {
    for (const Bytes& anchor : expectations_->trust_anchors)
        if (equal(anchor, der)) return true;
    return false;
}

void PathCheck::add(Bytes der) {
    if (reached_anchor_) return;
    Certificate certificate;
    if (!parse(der, certificate)) {
        broken(readable, Err::bad_peer_certificate);
        if (count_ != UINT8_MAX) ++count_;
        return;
    }
    const Policy& policy = expectations_->policy;
    const bool anchor = is_anchor(der);
    const bool leaf = count_ == 0;
    if (policy.check_strength) {
        if (certificate.key == KeyKind::rsa && certificate.key_bits < min_rsa_bits)
            broken(strength, Err::weak_key);
        // An anchor is trusted for being listed: what signed it does not count.
        if (!anchor && certificate.signature == SignatureKind::weak_hash)
            broken(strength, Err::weak_signature);
    }
    // Names that an issuer may not certify are enforced by no two libraries alike.
    if (!anchor && certificate.has_name_constraints) broken(path, Err::untrusted);
    if (!leaf) {
        if (!certificate.is_ca && !anchor) broken(path, Err::untrusted);
        if ((certificate.key_usage & key_cert_sign) == 0) broken(path, Err::untrusted);
        // RFC 5280, 4.2.1.9: of the certificates between this one and the leaf.
        if (certificate.path_length < count_ - 1u) broken(path, Err::untrusted);
    }
    check_time(certificate.not_before, certificate.not_after);
    if (leaf) {
        if (policy.check_purpose && !purpose_allowed(certificate, expectations_->peer_role))
            broken(purpose, Err::wrong_purpose);
        if (policy.check_identity && expectations_->peer_role == Role::server &&
            !matches(certificate.subject_alt_name, expectations_->identity))
            broken(identity, Err::wrong_host);
    }
    last_issuer_ = certificate.issuer;
    reached_anchor_ = anchor;
    if (count_ != UINT8_MAX) ++count_;
}

// The anchor that ends the path was not sent: its validity and its limit on the path's length are
// checked all the same. Several anchors may bear the same name; one that passes is enough.
void PathCheck::check_anchor() {
    Err error = Err::none;
    for (const Bytes& der : expectations_->trust_anchors) {
        Certificate anchor;
        if (!parse(der, anchor) || !equal(anchor.subject, last_issuer_)) continue;
        error = time_error(expectations_->now, anchor.not_before, anchor.not_after);
        if (error == Err::none) return;
    }
    if (error != Err::none) broken(time, error);
}

Err PathCheck::verdict(bool trusted) {
    if (empty()) return Err::no_peer_certificate;
    if (!trusted)
        broken(path, Err::untrusted);
    else if (!reached_anchor_ && expectations_->policy.check_time)
        check_anchor();
    for (const Err error : errors_)
        if (error != Err::none) return error;
    return Err::none;
}

} // namespace ussl::x509
