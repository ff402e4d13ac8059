#include "path_verifier.hpp"

namespace ussl::mbedtls {
namespace {

// What core/ decides, by the same rules for every backend. Whatever is not in this list (no path to
// an anchor, a wrong signature, a revocation) makes a path untrusted.
constexpr std::uint32_t decided_by_core =
    MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_CN_MISMATCH |
    MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
    MBEDTLS_X509_BADCERT_NS_CERT_TYPE | MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
    MBEDTLS_X509_BADCERT_BAD_KEY;

Bytes der(const mbedtls_x509_crt& certificate) { return {certificate.raw.p, certificate.raw.len}; }

// The peer's own certificate may be an anchor itself. The library accepts that of self-issued ones.
bool is_anchor(const mbedtls_x509_crt& certificate, const x509::Expectations& expectations) {
    for (const Bytes& anchor : expectations.trust_anchors)
        if (equal(anchor, der(certificate))) return true;
    return false;
}

} // namespace

void PathVerifier::add(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
    const auto index = static_cast<std::size_t>(depth);
    if ((flags & ~decided_by_core) != 0) trusted_ = false;
    flags = 0;
    if (index >= std::size(path_)) {
        trusted_ = false;
        return;
    }
    path_[index] = &certificate;
    if (index >= length_) length_ = static_cast<std::uint8_t>(index + 1);
}

Err PathVerifier::verdict(const x509::Expectations& expectations, SentCertificates sent) const {
    x509::PathCheck check(expectations);
    Bytes certificate = sent.next();
    // A certificate with an algorithm that it does not know, the library leaves out.
    const bool own_is_known = path_[0] != nullptr && equal(der(*path_[0]), certificate);
    if (trusted_ && own_is_known) {
        for (std::size_t i = 0; i < length_; ++i)
            check.add(der(*path_[i]));
        return check.verdict(true);
    }
    for (; !certificate.empty(); certificate = sent.next())
        check.add(certificate);
    return check.verdict(own_is_known && is_anchor(*path_[0], expectations));
}

Err unreadable_verdict(const x509::Expectations& expectations, SentCertificates sent) {
    x509::PathCheck check(expectations);
    for (Bytes certificate = sent.next(); !certificate.empty(); certificate = sent.next())
        check.add(certificate);
    // As if the library had found a path: else all were untrusted, and nothing explained.
    const Err verdict = check.verdict(true);
    const bool explains = verdict == Err::unsupported || verdict == Err::weak_key ||
                          verdict == Err::weak_signature || verdict == Err::untrusted;
    return explains ? verdict : Err::bad_peer_certificate;
}

} // namespace ussl::mbedtls
