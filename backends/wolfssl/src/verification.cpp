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

// The path, as places in the list of what the peer sent.
class Path {
public:
    Path(std::span<const Bytes> anchors, std::span<const Bytes> sent)
        : anchors_(anchors), sent_(sent) {}

    // Goes from the peer's own certificate to its issuer, to that one's issuer, and so on. Whether
    // they may issue at all is not asked here. False: it does not lead to an anchor.
    bool find() {
        for (std::size_t at = 0; at != sent_.size();) {
            const Bytes der = sent_[at];
            path_[length_++] = static_cast<std::uint8_t>(at);
            Certificate certificate;
            if (is_anchor(der)) return true;
            if (!x509::parse(der, certificate)) return false;
            if (is_issued_by_anchor(der, certificate.issuer)) return true;
            at = find_issuer(der, certificate.issuer);
        }
        return false;
    }

    void add_to(x509::PathCheck& check) const {
        for (std::size_t i = 0; i < length_; ++i)
            check.add(sent_[path_[i]]);
    }

private:
    bool is_anchor(Bytes der) const {
        for (const Bytes& anchor : anchors_)
            if (equal(anchor, der)) return true;
        return false;
    }

    bool is_issued_by_anchor(Bytes der, Bytes issuer) const {
        for (const Bytes& anchor : anchors_) {
            Certificate candidate;
            if (x509::parse(anchor, candidate) && equal(candidate.subject, issuer) &&
                is_signed_by(der, candidate))
                return true;
        }
        return false;
    }

    // sent_.size(): there is none. A certificate serves once, so that a list of many with one
    // name costs few signature checks.
    std::size_t find_issuer(Bytes der, Bytes issuer) const {
        std::size_t i = 0;
        for (; i < sent_.size(); ++i) {
            Certificate candidate;
            if (!is_used(i) && x509::parse(sent_[i], candidate) &&
                equal(candidate.subject, issuer) && is_signed_by(der, candidate))
                break;
        }
        return i;
    }

    bool is_used(std::size_t at) const {
        for (std::size_t i = 0; i < length_; ++i)
            if (path_[i] == at) return true;
        return false;
    }

    std::span<const Bytes> anchors_;
    std::span<const Bytes> sent_;
    std::uint8_t path_[MAX_CHAIN_DEPTH];
    std::size_t length_ = 0;
};

} // namespace

Err verify_path(const x509::Expectations& expectations, std::span<const Bytes> sent) {
    for (const Bytes& der : sent) {
        Certificate certificate;
        if (!x509::parse(der, certificate)) return Err::bad_peer_certificate;
    }
    x509::PathCheck check(expectations);
    Path path(expectations.trust_anchors, sent);
    const bool trusted = path.find();
    if (trusted)
        path.add_to(check);
    else
        for (const Bytes& der : sent)
            check.add(der);
    return check.verdict(trusted);
}

} // namespace ussl::wolfssl
