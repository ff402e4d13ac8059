#include "ussl/x509/path.hpp"

#include "ussl/x509/trust_anchor.hpp"

#if USSL_VERIFICATION

namespace ussl::x509 {
namespace {

// Whether keys of this kind make signatures of that kind. With a weak hash only the library knows.
bool fits(SignatureKind signature, KeyKind key) {
    if (!features::rsa || signature == SignatureKind::weak_hash)
        return true; // there is only one kind
    return (key == KeyKind::rsa) != (signature == SignatureKind::ecdsa);
}

class Search {
public:
    Search(const Expectations& expectations, std::span<const Bytes> sent,
           const SignatureCheck& signatures)
        : expectations_(expectations), sent_(sent), signatures_(signatures) {}

    // Searches depth first, from the peer's own certificate, all paths without repeated
    // certificates. Whether an issuer may issue is checked later.
    Err run(Bytes* own_key) {
        // All must be readable. The peer's own is read last, and stays in last_.
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
        std::uint8_t next; // the next candidate for its issuer
    };

    // Of a signature.
    enum Known : std::uint8_t { nothing, good, bad };

    // How many results on a certificate are stored: by each of sent_, and by a few anchors.
    static constexpr unsigned max_known = max_sent_certificates + 4;

    const Bytes& last_der() const { return sent_[step_->at]; }

    bool is_on_path(std::uint8_t sent) const {
        for (const Step* step = step_ + 1; step-- != path_;)
            if (step->at == sent) return true;
        return false;
    }

    // Reads `candidate` into issuer_ if its subject is the last certificate's issuer. Builds for
    // small code read every anchor: they have few.
    bool has_issuers_name(const Bytes& candidate) {
        if (!features::small_code && !equal(subject_of(candidate), last_.issuer)) return false;
        return parse(candidate, issuer_) &&
               (!features::small_code || equal(issuer_.subject, last_.issuer));
    }

    // Whether the key in issuer_ signed the path's last certificate. `number`: index in known_;
    // incremented.
    bool has_signed(unsigned& number) {
        Known forgotten = nothing;
        Known& known = number < max_known ? known_[step_->at][number] : forgotten;
        ++number;
        if (known == nothing)
            known = fits(last_.signature, issuer_.key) && is_signed() ? good : bad;
        return known == good;
    }

    // A signature by an unknown kind of key counts as valid: then the path is judged, and refused
    // for that key.
    bool is_signed() const {
        return !key_known(issuer_, expectations_.can) ||
               (is_encoded_for(issuer_, last_.signature_value) &&
                signatures_.is_signed_by(signatures_.user, last_der(), last_, issuer_));
    }

    bool is_issuer(const Bytes& candidate, unsigned& number) {
        return has_issuers_name(candidate) && has_signed(number);
    }

#if USSL_ANCHOR_SOURCE
    // Gets the source's anchor with this number and the subject `name` into anchor_.
    bool find_anchor(const Bytes& name, unsigned number) {
        const AnchorSource* source = expectations_.anchor_source;
        if (source == nullptr || number == max_anchors_of_a_name) return false;
        issuer_ = {};
        anchor_.der = {};
        return source->find(source->user, name, number, anchor_) && equal(issuer_.subject, name);
    }

    // Whether a certificate with the same subject is the anchor in anchor_.
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

    // Whether `der`, the certificate in last_, is itself an anchor.
    bool is_anchor(const Bytes& der) {
        for (const Bytes& anchor : expectations_.trust_anchors)
            if (equal(anchor, der)) return true;
#if USSL_ANCHOR_SOURCE
        for (unsigned i = 0; find_anchor(last_.subject, i); ++i)
            if (is_found(der, last_)) return true;
#endif
        return false;
    }

    // Tries the anchors. true: verdict_ is final. The search does not continue above an anchor: an
    // error below it stays an error.
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

    // Goes to the next certificate that was sent, is not on the path and has issued the last one.
    // false: there is none.
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

    // A PathCheck is large. Functions that have one are not inlined, so that it is not on the stack
    // while the library checks a signature.

    // Judges the path. It ends with the anchor in issuer_, whose DER is `anchor` (may be empty); if
    // `anchor` is null, with its own last certificate. true: the search is over, as the path passes
    // or the callback has refused it.
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

    // From the anchor down to the peer's own certificate.
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

    // There is no path: an error in any certificate that was sent may be the reason.
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
    Certificate& issuer_ = anchor_.certificate; // the candidate, from any source
#else
    Certificate issuer_{}; // the candidate
#endif
    Step path_[max_sent_certificates];
    Step* step_ = path_; // the last one
    unsigned steps_back_ = 0;
    Known known_[max_sent_certificates][max_known]{}; // about signatures on each of sent_
    Err verdict_ = Err::none; // of the first complete path, or the final one
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
