// The verdict on a peer: who needs a certificate, what there is to judge, and whether a handshake
// may end. An adapter says what the library has received; all else is decided here.
#pragma once

#include "ussl/backend/operation.hpp"
#include "ussl/backend/session_setup.hpp"
#include "ussl/environment.hpp"
#include "ussl/x509/path.hpp"

namespace ussl {

// Whether a handshake with certificates needs the peer's. A server shows one always (RFC 8446,
// 4.4.2.4); a client may go without where the server says so.
constexpr bool needs_certificate(Role own, Verify verify) {
    return !is_server(own) || verify == Verify::required;
}

// Whether a server asks its clients for a certificate.
constexpr bool asks_for_certificate(Role own, Verify verify) {
    return is_server(own) && verify != Verify::none;
}

// As ussl::alert_for(), where the version or the role makes a difference: for a certificate that is
// missing TLS 1.2 has no alert of its own (RFC 5246, 7.4.6), and a server's must not be (RFC 8446,
// 4.4.2.4).
Alert alert_for(Err why, Role own, Version version);

class PeerVerdict {
public:
    PeerVerdict() = default;
    PeerVerdict(const PeerVerdict&) = delete;
    PeerVerdict& operator=(const PeerVerdict&) = delete;
    ~PeerVerdict() { release(const_cast<std::uint8_t*>(certificate_.data())); }

    // Judges what the peer's Certificate message holds, the peer's own certificate first; empty
    // where there is none. Not to be called in a handshake without that message: with a pre-shared
    // key, or when a session is resumed. Err::none: the handshake may go on.
    //
    // Keeps a copy of the own certificate where SessionSetup says so. `own_key`: as of
    // x509::verify_path(); left as it is where nothing is judged.
    Err judge(const SessionSetup& setup, std::span<const Bytes> sent,
              const x509::SignatureCheck& signatures, Bytes* own_key = nullptr);

    // What only the adapter sees: a message that cannot be received, or, where judge() said
    // Err::none, a key that the library cannot use, so that no signature of the peer can be checked
    // (bad_peer_certificate). It is the verdict then.
    Err refuse(Err why) { return verdict_ = why; }

    // Err::none where neither was asked.
    Err verdict() const { return verdict_; }
    bool is_judged() const { return judged_; }

    // To be asked when the library has ended the handshake: whatever way it went, nobody gets in
    // without a verdict, and where judge() was not asked there was no certificate. Nor where
    // something was lacking on the way that the library went on without: randomness, most of all.
    // `is_vouched_for`: the peer has a pre-shared key, or resumes a session, which had its verdict
    // when it began.
    Err at_end(const SessionSetup& setup, bool is_vouched_for) const;

    // For Session::peer_certificate().
    Bytes certificate() const { return certificate_; }

private:
    bool keep(const Bytes& der);

    Err verdict_ = Err::none;
    bool judged_ = false;
    Bytes certificate_; // a copy, the allocator's
};

// Inline, as each adapter asks in one place.

inline Err PeerVerdict::judge(const SessionSetup& setup, std::span<const Bytes> sent,
                              const x509::SignatureCheck& signatures, Bytes* own_key) {
    judged_ = true;
    if (sent.empty()) {
        if (needs_certificate(setup.role, setup.verify)) verdict_ = Err::no_peer_certificate;
    } else if (setup.keep_peer_certificate && !keep(sent[0])) {
        verdict_ = Err::no_memory;
    } else if (setup.verify != Verify::none || (!is_server(setup.role) && has_only_psk(setup))) {
        verdict_ = x509::verify_path(setup.expectations, sent, signatures, own_key);
        // A signature that there is no memory to check looks like a wrong one.
        if (verdict_ != Err::none) verdict_ = Operation::resource_error_or(verdict_);
    }
    return verdict_;
}

inline Err PeerVerdict::at_end(const SessionSetup& setup, bool is_vouched_for) const {
    const bool lets_in = judged_ || is_vouched_for || setup.verify == Verify::none ||
                         !needs_certificate(setup.role, setup.verify);
    const Err verdict = lets_in ? verdict_ : Err::no_peer_certificate;
    return verdict != Err::none ? verdict : Operation::resource_error();
}

} // namespace ussl
