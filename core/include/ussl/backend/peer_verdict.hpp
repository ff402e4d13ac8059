// The verdict on a peer: whether it needs a certificate, whether that is valid, and whether the
// handshake may end. The adapter passes on what the library received; everything is decided here.
#pragma once

#include "ussl/backend/operation.hpp"
#include "ussl/backend/session_setup.hpp"
#include "ussl/environment.hpp"
#include "ussl/x509/path.hpp"

namespace ussl {

// Whether a handshake with certificates fails without the peer's. Servers always send one (RFC
// 8446, 4.4.2.4); a client may go without if the server allows it.
constexpr bool needs_certificate(Role own, Verify verify) {
    return !is_server(own) || verify == Verify::required;
}

// Whether a server sends a CertificateRequest.
constexpr bool asks_for_certificate(Role own, Verify verify) {
    return is_server(own) && verify != Verify::none;
}

// As ussl::alert_for(), where version or role matter: TLS 1.2 has no alert for a missing
// certificate (RFC 5246, 7.4.6), and TLS 1.3 has one for clients only (RFC 8446, 4.4.2.4).
Alert alert_for(Err why, Role own, Version version);

class PeerVerdict {
public:
    PeerVerdict() = default;
    PeerVerdict(const PeerVerdict&) = delete;
    PeerVerdict& operator=(const PeerVerdict&) = delete;
    ~PeerVerdict() { release(const_cast<std::uint8_t*>(certificate_.data())); }

    // Judges the certificates of the peer's Certificate message, the peer's own first; empty if
    // there are none. Do not call it in a handshake without that message: with a pre-shared key, or
    // when resuming. Err::none: the handshake may go on.
    //
    // Copies the peer's own certificate if SessionSetup says so. `own_key`, unless null, is empty
    // before, and set to its SubjectPublicKeyInfo if the handshake may go on; it stays empty if
    // there is no certificate, or none that can be read.
    Err judge(const SessionSetup& setup, std::span<const Bytes> sent,
              const x509::SignatureCheck& signatures, Bytes* own_key = nullptr);

    // Sets the verdict for errors that only the adapter sees: a message that cannot be received,
    // or, after judge() gave Err::none, a key that the library cannot use, so that the peer's
    // signatures cannot be checked (bad_peer_certificate).
    Err refuse(Err why) { return verdict_ = why; }

    // Err::none if neither was called.
    Err verdict() const { return verdict_; }
    bool is_judged() const { return judged_; }

    // Call it when the library has completed the handshake. Whatever path the library took, without
    // a verdict no peer is accepted; if judge() was not called, there was no certificate. Nor is it
    // accepted if the library carried on after a shortage: of randomness, above all.
    // `is_vouched_for`: the peer has a pre-shared key, or resumes a session, which had its verdict
    // in its full handshake.
    Err at_end(const SessionSetup& setup, bool is_vouched_for) const;

    // For Session::peer_certificate().
    Bytes certificate() const { return certificate_; }

private:
    bool keep(const Bytes& der);
    // Whether a peer may have no key and be in no resumed session.
    bool lets_in_without(const SessionSetup& setup) const {
        return judged_ || setup.verify == Verify::none ||
               !needs_certificate(setup.role, setup.verify);
    }

    Err verdict_ = Err::none;
    bool judged_ = false;
    Bytes certificate_; // a copy, from the allocator
};

// Inline: each adapter calls them in one place.

inline Err PeerVerdict::judge(const SessionSetup& setup, std::span<const Bytes> sent,
                              const x509::SignatureCheck& signatures, Bytes* own_key) {
    judged_ = true;
    if (sent.empty()) {
        if (needs_certificate(setup.role, setup.verify)) verdict_ = Err::no_peer_certificate;
    } else if (setup.keep_peer_certificate && !keep(sent[0])) {
        verdict_ = Err::no_memory;
    } else if (setup.verify != Verify::none || (!is_server(setup.role) && has_only_psk(setup))) {
        verdict_ = x509::verify_path(setup.expectations, sent, signatures, own_key);
        // Without memory to check a signature, it looks like a wrong one.
        if (verdict_ != Err::none) verdict_ = Operation::resource_error_or(verdict_);
    }
    // Without the rules, or if the callback accepts what cannot be read, nobody has set it.
    if (own_key != nullptr && own_key->empty() && verdict_ == Err::none && !sent.empty())
        *own_key = x509::readable_public_key_of(sent[0]);
    return verdict_;
}

inline Err PeerVerdict::at_end(const SessionSetup& setup, bool is_vouched_for) const {
    const bool lets_in = is_vouched_for || (features::certificates && lets_in_without(setup));
    const Err verdict = lets_in ? verdict_ : Err::no_peer_certificate;
    return verdict != Err::none ? verdict : Operation::resource_error();
}

} // namespace ussl
