#include "ussl/x509/path.hpp"

#if USSL_VERIFICATION

namespace ussl::x509 {
namespace {

// Whether a key of this kind makes signatures of that kind. Of those with a weak hash only the
// library knows.
bool fits(SignatureKind signature, KeyKind key) {
    if (!features::rsa || signature == SignatureKind::weak_hash) return true; // there are no others
    return (key == KeyKind::rsa) != (signature == SignatureKind::ecdsa);
}

class Search {
public:
    Search(const Expectations& expectations, std::span<const Bytes> sent,
           const SignatureCheck& signatures)
        : expectations_(expectations), sent_(sent), signatures_(signatures) {}

    // Depth first, from the peer's own certificate, through all paths without a certificate twice.
    // Whether an issuer may issue is not asked here.
    Err run(Bytes* own_key) {
        // All must be readable. The peer's own is read last, and stays.
        for (std::size_t i = sent_.size(); i-- != 0;)
            if (!parse(sent_[i], last_)) return Err::bad_peer_certificate;
        if (own_key != nullptr) *own_key = last_.subject_public_key;
        *step_ = {0, 0};
        for (;;) {
            if (step_->next == 0 && ends_here()) return verdict_;
            if (goes_on()) {
                last_ = issuer_;
                continue;
            }
            if (step_ == path_ || steps_back_++ == max_steps_back) break;
            --step_;
            parse(last_der(), last_);
        }
        return verdict_ != Err::none ? verdict_ : verdict_without_path();
    }

private:
    struct Step {
        std::uint8_t at;   // in sent_
        std::uint8_t next; // that is to be tried as its issuer
    };

    // Of a signature.
    enum Known : std::uint8_t { nothing, good, bad };

    // Those on a certificate that are remembered: by each of sent_, and by a few anchors.
    static constexpr unsigned max_known = max_sent_certificates + 4;

    const Bytes& last_der() const { return sent_[step_->at]; }

    bool is_on_path(std::uint8_t sent) const {
        for (const Step* step = step_ + 1; step-- != path_;)
            if (step->at == sent) return true;
        return false;
    }

    // Where code is to be small, there are few anchors: all are read.
    bool has_issuers_name(const Bytes& candidate) {
        if (!features::small_code) return equal(subject_of(candidate), last_.issuer);
        return parse(candidate, issuer_) && equal(issuer_.subject, last_.issuer);
    }

    // Reads `candidate` into issuer_ where it has issued the last certificate of the path. `number`
    // is its own in known_, and counts on where it has the right name.
    bool is_issuer(const Bytes& candidate, unsigned& number) {
        if (!has_issuers_name(candidate)) return false;
        Known forgotten = nothing;
        Known& known = number < max_known ? known_[step_->at][number] : forgotten;
        ++number;
        if (known == bad || !(features::small_code || parse(candidate, issuer_))) return false;
        if (known == nothing)
            known = fits(last_.signature, issuer_.key) && is_signed() ? good : bad;
        return known == good;
    }

    bool is_signed() const {
        return signatures_.is_signed_by(signatures_.user, last_der(), last_, issuer_);
    }

    // Tries the anchors. True: verdict_ has the last word.
    bool ends_here() {
        if (expectations_.trust_anchors.empty())
            return features::pins && is_pinned(expectations_, last_) && judges(nullptr);
        unsigned number = max_sent_certificates;
        for (const Bytes& anchor : expectations_.trust_anchors) {
            if (equal(anchor, last_der())) return judges(nullptr);
            if (is_issuer(anchor, number) && judges(&anchor)) return true;
        }
        return false;
    }

    // To the next certificate that was sent, is not on the path and has issued the last one. False:
    // there is none.
    bool goes_on() {
        while (step_->next < sent_.size()) {
            const std::uint8_t next = step_->next++;
            unsigned number = next;
            if (!is_on_path(next) && is_issuer(sent_[next], number)) {
                *++step_ = {next, 0};
                return true;
            }
        }
        return false;
    }

    // A PathCheck is large. What has one is not inlined, so that the stack does not hold it while
    // the library checks a signature.

    // Judges the path, which ends with an anchor: the one in issuer_, or its own last certificate.
    // True: no other path counts, for this one passes or the callback has refused it.
    [[gnu::noinline]] bool judges(const Bytes* anchor) {
        PathCheck check(expectations_);
        for (const Step* below = path_; below != step_; ++below)
            check.add(sent_[below->at]);
        check.add(last_der(), &last_);
        if (anchor != nullptr) check.add(*anchor, &issuer_);
        Err verdict = check.verdict(true);
        const bool passed = verdict == Err::none;
        if (passed && !callback_accepts(anchor)) verdict = Err::refused_by_callback;
        if (passed || verdict_ == Err::none) verdict_ = verdict;
        return passed;
    }

    // From the anchor down to the peer's own.
    bool callback_accepts(const Bytes* anchor) const {
        const VerifyCallback& callback = expectations_.verify_callback;
        if (callback.accept == nullptr) return true;
        auto depth = static_cast<unsigned>(step_ - path_) + 1;
        if (anchor != nullptr && !callback.accept(callback.user, *anchor, depth, Err::none))
            return false;
        while (depth-- != 0)
            if (!callback.accept(callback.user, sent_[path_[depth].at], depth, Err::none))
                return false;
        return true;
    }

    // Whatever is wrong with what was sent may explain why there is no path.
    [[gnu::noinline]] Err verdict_without_path() const {
        PathCheck check(expectations_);
        for (const Bytes& der : sent_)
            check.add(der);
        return check.verdict(false);
    }

    const Expectations& expectations_;
    std::span<const Bytes> sent_;
    const SignatureCheck& signatures_;
    Certificate last_{};   // of the path
    Certificate issuer_{}; // that was tried
    Step path_[max_sent_certificates];
    Step* step_ = path_; // the last one
    unsigned steps_back_ = 0;
    Known known_[max_sent_certificates][max_known]{}; // of signatures on each of sent_
    Err verdict_ = Err::none; // of the first complete path, or the last word
};

} // namespace

Err verify_path(const Expectations& expectations, std::span<const Bytes> sent,
                const SignatureCheck& signatures, Bytes* own_key) {
    if (sent.empty()) return Err::no_peer_certificate;
    if (sent.size() > max_sent_certificates) sent = sent.first(max_sent_certificates);
    const Err verdict = Search(expectations, sent, signatures).run(own_key);
    const VerifyCallback& callback = expectations.verify_callback;
    if (verdict == Err::none || verdict == Err::refused_by_callback || callback.accept == nullptr ||
        !expectations.policy.callback_may_accept)
        return verdict;
    return callback.accept(callback.user, sent.front(), 0, verdict) ? Err::none : verdict;
}

} // namespace ussl::x509

#endif
