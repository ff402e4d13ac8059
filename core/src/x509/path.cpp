#include "ussl/x509/path.hpp"

#if USSL_VERIFICATION

namespace ussl::x509 {
namespace {

class Search {
public:
    Search(const Expectations& expectations, std::span<const Bytes> sent,
           SignatureCheck is_signed_by)
        : expectations_(expectations), sent_(sent), is_signed_by_(is_signed_by) {}

    // Depth first, from the peer's own certificate. Whether an issuer may issue is not asked here.
    Err run() {
        while (length_ != 0 && !refused_) {
            Step& last = path_[length_ - 1];
            const Bytes der = sent_[last.at];
            Certificate certificate;
            parse(der, certificate); // it can be: that was seen before the search
            if (last.next == 0 && ends_here(der, certificate)) return Err::none;
            if (!go_on(last, der, certificate)) --length_;
        }
        if (refused_) return Err::refused_by_callback;
        return found_ ? verdict_ : verdict_without_path();
    }

private:
    // A PathCheck is large. What has one is not inlined, so that the stack does not hold it while
    // the library checks a signature.

    // Whatever is wrong with what was sent may explain why there is no path.
    [[gnu::noinline]] Err verdict_without_path() const {
        PathCheck check(expectations_);
        for (const Bytes& der : sent_)
            check.add(der);
        return check.verdict(false);
    }

    struct Step {
        std::uint8_t at;   // in sent_
        std::uint8_t next; // that is to be tried as its issuer
    };

    // Tries the anchors. True: a path that passes is complete.
    bool ends_here(Bytes der, const Certificate& certificate) {
        if (expectations_.trust_anchors.empty())
            return USSL_PINS != 0 && is_pinned(expectations_, certificate) && passes({});
        for (const Bytes& anchor : expectations_.trust_anchors) {
            if (equal(anchor, der)) return passes({});
            Certificate issuer;
            if (equal(subject_of(anchor), certificate.issuer) && parse(anchor, issuer) &&
                is_signed_by_(der, certificate, issuer) && passes(anchor))
                return true;
        }
        return false;
    }

    [[gnu::noinline]] bool passes(Bytes anchor) {
        PathCheck check(expectations_);
        for (std::size_t i = 0; i < length_; ++i)
            check.add(sent_[path_[i].at]);
        if (!anchor.empty()) check.add(anchor);
        Err verdict = check.verdict(true);
        if (verdict == Err::none && !callback_accepts(anchor)) {
            refused_ = true; // for good: another path does not make it another peer
            verdict = Err::refused_by_callback;
        }
        if (!found_) verdict_ = verdict;
        found_ = true;
        return verdict == Err::none;
    }

    // From the anchor down to the peer's own.
    bool callback_accepts(Bytes anchor) const {
        const VerifyCallback& callback = expectations_.verify_callback;
        if (callback.accept == nullptr) return true;
        auto depth = static_cast<unsigned>(length_);
        if (!anchor.empty() && !callback.accept(callback.user, anchor, depth, Err::none))
            return false;
        while (depth-- != 0)
            if (!callback.accept(callback.user, sent_[path_[depth].at], depth, Err::none))
                return false;
        return true;
    }

    // To the next certificate that was sent and has issued the last one. False: there is none.
    bool go_on(Step& last, Bytes der, const Certificate& certificate) {
        while (last.next < sent_.size()) {
            const std::uint8_t next = last.next++;
            Certificate issuer;
            if ((visited_ >> next & 1) == 0 && equal(subject_of(sent_[next]), certificate.issuer) &&
                parse(sent_[next], issuer) && is_signed_by_(der, certificate, issuer)) {
                visited_ |= 1u << next;
                path_[length_++] = {next, 0};
                return true;
            }
        }
        return false;
    }

    const Expectations& expectations_;
    std::span<const Bytes> sent_;
    SignatureCheck is_signed_by_;
    Step path_[max_sent_certificates] = {};
    std::size_t length_ = 1;
    unsigned visited_ = 1;
    Err verdict_ = Err::none; // of the first complete path
    bool found_ = false;
    bool refused_ = false;
};

Err verdict_of_rules(const Expectations& expectations, std::span<const Bytes> sent,
                     SignatureCheck is_signed_by) {
    if (sent.size() > max_sent_certificates) sent = sent.first(max_sent_certificates);
    for (const Bytes& der : sent) {
        Certificate certificate;
        if (!parse(der, certificate)) return Err::bad_peer_certificate;
    }
    return Search(expectations, sent, is_signed_by).run();
}

} // namespace

Err verify_path(const Expectations& expectations, std::span<const Bytes> sent,
                SignatureCheck is_signed_by) {
    if (sent.empty()) return Err::no_peer_certificate;
    const Err verdict = verdict_of_rules(expectations, sent, is_signed_by);
    const VerifyCallback& callback = expectations.verify_callback;
    if (verdict == Err::none || verdict == Err::refused_by_callback || callback.accept == nullptr ||
        !expectations.policy.callback_may_accept)
        return verdict;
    return callback.accept(callback.user, sent.front(), 0, verdict) ? Err::none : verdict;
}

} // namespace ussl::x509

#endif
