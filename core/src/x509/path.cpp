#include "ussl/x509/path.hpp"

#include "ussl/x509/trust_anchor.hpp"

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

    // Reads `candidate` into issuer_ where its subject is the last certificate's issuer. Where code
    // is to be small, there are few anchors: all are read.
    bool has_issuers_name(const Bytes& candidate) {
        if (!features::small_code && !equal(subject_of(candidate), last_.issuer)) return false;
        return parse(candidate, issuer_) &&
               (!features::small_code || equal(issuer_.subject, last_.issuer));
    }

    // Whether the key in issuer_ has signed the last certificate of the path. `number` is its own
    // in known_, and counts on.
    bool has_signed(unsigned& number) {
        Known forgotten = nothing;
        Known& known = number < max_known ? known_[step_->at][number] : forgotten;
        ++number;
        if (known == nothing)
            known = fits(last_.signature, issuer_.key) && is_signed() ? good : bad;
        return known == good;
    }

    // What an unknown key may have signed counts as signed by it, so that the path is judged, and
    // refused for that key.
    bool is_signed() const {
        return !key_known(issuer_, expectations_.can) ||
               signatures_.is_signed_by(signatures_.user, last_der(), last_, issuer_);
    }

    bool is_issuer(const Bytes& candidate, unsigned& number) {
        return has_issuers_name(candidate) && has_signed(number);
    }

#if USSL_ANCHOR_SOURCE
    // The source's anchor with this number of those whose subject is `name`, into anchor_.
    bool find_anchor(const Bytes& name, unsigned number) {
        const AnchorSource* source = expectations_.anchor_source;
        if (source == nullptr || number == max_anchors_of_a_name) return false;
        issuer_ = {};
        anchor_.der = {};
        return source->find(source->user, name, number, anchor_) && equal(issuer_.subject, name);
    }

    // Whether a certificate with its subject is that in anchor_.
    bool is_found(const Bytes& der, const Certificate& certificate) const {
        if (!anchor_.der.empty()) return equal(anchor_.der, der);
        return anchor_.checksum == crc32(der) &&
               equal(issuer_.subject_public_key, certificate.subject_public_key) &&
               issuer_.not_before == certificate.not_before &&
               issuer_.not_after == certificate.not_after &&
               issuer_.path_length == certificate.path_length &&
               issuer_.key_usage == certificate.key_usage &&
               issuer_.extended_key_usage == certificate.extended_key_usage &&
               issuer_.is_ca == certificate.is_ca &&
               issuer_.has_unknown_critical == certificate.has_unknown_critical &&
               equal(issuer_.name_constraints, certificate.name_constraints) &&
               equal(issuer_.subject_alt_name, certificate.subject_alt_name);
    }
#endif

    // Whether last_, which is this certificate, is an anchor itself.
    bool is_anchor(const Bytes& der) {
        for (const Bytes& anchor : expectations_.trust_anchors)
            if (equal(anchor, der)) return true;
#if USSL_ANCHOR_SOURCE
        for (unsigned i = 0; find_anchor(last_.subject, i); ++i)
            if (is_found(der, last_)) return true;
#endif
        return false;
    }

    // Tries the anchors. True: verdict_ has the last word. Nothing leads on from an anchor: what is
    // wrong below it stays wrong.
    bool ends_here() {
        if (is_anchor(last_der()) ||
            (features::pins && !has_anchors(expectations_) && is_pinned(expectations_, last_))) {
            step_->next = static_cast<std::uint8_t>(sent_.size());
            return path_passes(nullptr);
        }
        unsigned number = max_sent_certificates;
        for (const Bytes& anchor : expectations_.trust_anchors)
            if (is_issuer(anchor, number) && path_passes(&anchor)) return true;
#if USSL_ANCHOR_SOURCE
        for (unsigned i = 0; find_anchor(last_.issuer, i); ++i)
            if (has_signed(number) && path_passes(&anchor_.der)) return true;
#endif
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

    // Judges the path, which ends with an anchor: the one in issuer_, whose DER, where there is
    // such, is `anchor`; or, null, its own last certificate.
    // True: no other path counts, for this one passes or the callback has refused it.
    [[gnu::noinline]] bool path_passes(const Bytes* anchor) {
        PathCheck check(expectations_);
        for (const Step* below = path_; below != step_; ++below)
            check.add(sent_[below->at]);
        check.add(last_der(), &last_, anchor == nullptr);
        if (anchor != nullptr) check.add(*anchor, &issuer_, true);
        Err verdict = check.verdict(true);
        const bool passed = verdict == Err::none;
        if (passed && !callback_accepts(anchor)) verdict = Err::refused_by_callback;
#if USSL_RESUMPTION
        if (expectations_.valid_until != nullptr) *expectations_.valid_until = check.valid_until();
#endif
        if (passed || verdict_ == Err::none) verdict_ = verdict;
        return passed;
    }

    // From the anchor down to the peer's own.
    bool callback_accepts(const Bytes* anchor) const {
        const VerifyCallback& callback = expectations_.verify_callback;
        if (callback.accept == nullptr) return true;
        auto depth = static_cast<unsigned>(step_ - path_) + 1;
        if (anchor != nullptr && !anchor->empty() &&
            !callback.accept(callback.user, *anchor, depth, Err::none))
            return false;
        while (depth-- != 0)
            if (!callback.accept(callback.user, sent_[path_[depth].at], depth, Err::none))
                return false;
        return true;
    }

    // Whatever is wrong with what was sent may explain why there is no path.
    [[gnu::noinline]] Err verdict_without_path() {
        PathCheck check(expectations_);
        for (const Bytes& der : sent_) {
            if (features::anchor_source) parse(der, last_);
            check.add(der, is_anchor(der));
        }
        return check.verdict(false);
    }

    const Expectations& expectations_;
    std::span<const Bytes> sent_;
    const SignatureCheck& signatures_;
    Certificate last_{}; // of the path
#if USSL_ANCHOR_SOURCE
    TrustAnchor anchor_;                        // from the source
    Certificate& issuer_ = anchor_.certificate; // that was tried, from wherever
#else
    Certificate issuer_{}; // that was tried
#endif
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
