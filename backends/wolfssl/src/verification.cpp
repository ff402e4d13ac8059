#include "verification.hpp"

#include "ussl/x509/certificate.hpp"

#include "library.hpp"

namespace ussl::wolfssl {
namespace {

using x509::Certificate;

// Whether the key of `issuer` made the signature on the certificate `der`.
bool is_signed_by(Bytes der, const Certificate& issuer) {
    const int key = issuer.key == x509::KeyKind::rsa ? RSAk : ECDSAk;
    return wc_CheckCertSigPubKey(der.data(), static_cast<word32>(der.size()), nullptr,
                                 issuer.subject_public_key.data(),
                                 static_cast<word32>(issuer.subject_public_key.size()), key) == 0;
}

bool is_anchor(std::span<const Bytes> anchors, Bytes der) {
    for (const Bytes& anchor : anchors)
        if (equal(anchor, der)) return true;
    return false;
}

// An anchor without the right to issue (a server's own certificate that is trusted directly, say)
// vouches for itself only.
bool may_issue(const Certificate& certificate) {
    return certificate.is_ca && (certificate.key_usage & x509::key_cert_sign) != 0;
}

bool is_issued_by_anchor(std::span<const Bytes> anchors, Bytes der, Bytes issuer) {
    for (const Bytes& anchor : anchors) {
        Certificate candidate;
        if (x509::parse(anchor, candidate) && equal(candidate.subject, issuer) &&
            may_issue(candidate) && is_signed_by(der, candidate))
            return true;
    }
    return false;
}

class Path {
public:
    Path(const x509::Expectations& expectations, std::span<const Bytes> sent)
        : anchors_(expectations.trust_anchors), sent_(sent), check_(expectations) {}

    Err verify() {
        if (sent_.empty()) return check_.verdict(false);
        return check_.verdict(reaches_anchor());
    }

private:
    // Goes from the peer's own certificate to its issuer, to that one's issuer, and so on.
    bool reaches_anchor() {
        for (std::size_t at = 0;;) {
            const Bytes der = sent_[at];
            used_ |= 1u << at;
            check_.add(der);
            Certificate certificate;
            if (!x509::parse(der, certificate)) return false;
            if (is_anchor(anchors_, der)) return at == 0 || may_issue(certificate);
            if (is_issued_by_anchor(anchors_, der, certificate.issuer)) return true;
            at = find_issuer(der, certificate.issuer);
            if (at == sent_.size()) return false;
        }
    }

    // Each certificate is tried until it is used, so that a list of many of the same name costs few
    // signature checks. sent_.size(): there is none.
    std::size_t find_issuer(Bytes der, Bytes issuer) {
        std::size_t unreadable = sent_.size();
        for (std::size_t i = 0; i < sent_.size(); ++i) {
            Certificate candidate;
            if ((used_ & 1u << i) != 0) continue;
            if (!x509::parse(sent_[i], candidate)) unreadable = i;
            else if (equal(candidate.subject, issuer) && is_signed_by(der, candidate)) return i;
        }
        // The path may have led through what cannot be read: that is told, then.
        return unreadable;
    }

    std::span<const Bytes> anchors_;
    std::span<const Bytes> sent_;
    x509::PathCheck check_;
    std::uint32_t used_ = 0;
    static_assert(MAX_CHAIN_DEPTH <= 32);
};

} // namespace

Err verify_path(const x509::Expectations& expectations, std::span<const Bytes> sent) {
    return Path(expectations, sent).verify();
}

} // namespace ussl::wolfssl
