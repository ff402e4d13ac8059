// The way from a peer's certificate to a trust anchor, for adapters whose library need only check
// signatures. The same on every backend: which certificates are tried, in which order, and when
// the search is given up.
#pragma once

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/path_check.hpp"

#include <cstddef>
#include <span>

namespace ussl::x509 {

// Of the certificates that a peer sends, only so many are looked at.
inline constexpr std::size_t max_sent_certificates = max_path_length - 1;

// A peer can send certificates with more ways through them than anyone can try. So the search turns
// back from certificates that lead no further only so often.
inline constexpr unsigned max_steps_back = 100;

// A source is asked for so many anchors of one name.
inline constexpr unsigned max_anchors_of_a_name = 255;

// Whether certificates can be trust anchors: what Context::open() asks, as may who reads them from
// a file. Bundles of public anchors hold some that cannot be read, or have keys that the backend
// does not know; but with none but those nobody could be verified.
//
// Err::bad_trust_anchor: one is not DER; or, where one is `needed`, all cannot be read.
// Err::unsupported: those that can be read have keys that are not supported. `which` gets the
// number of the one that is meant, from 1.
Err check_trust_anchors(std::span<const Bytes> anchors, bool needed, const Capabilities& can,
                        std::uint16_t& which);

// How a library checks a signature on a certificate.
struct SignatureCheck {
    void* user = nullptr; // the adapter's, its session say
    // Whether the key of `issuer` made the signature on `certificate`, whose DER is `der`. Called
    // with names, and kinds of key and signature, that fit only. False also for what the library
    // does not know.
    bool (*is_signed_by)(void* user, const Bytes& der, const Certificate& certificate,
                         const Certificate& issuer);
};

// The verdict on the certificates that a peer sent, its own first, the others in any order, needed
// or not (RFC 8446, 4.4.2); all must be readable, though. Issuers are found by their names, byte by
// byte (RFC 5280, 7.1). All ways to an anchor are tried (RFC 4158), depth first, issuers in the
// order in which they were sent, until one passes PathCheck or the search has turned back
// max_steps_back times. If none passes, the first one's verdict is told; if there is none, that on
// all that was sent, as "untrusted" at least.
//
// What is known of a signature is remembered, in 192 bytes on the stack: there are at most 12 * 11
// to check, and for each certificate those of the anchors with the right name. (Of more than 4
// anchors with one name the others' are checked each time that the search comes by.)
//
// `own_key`, unless null, gets the SubjectPublicKeyInfo of the peer's own certificate, a view into
// it, where all can be read.
#if USSL_VERIFICATION
Err verify_path(const Expectations& expectations, std::span<const Bytes> sent,
                const SignatureCheck& signatures, Bytes* own_key = nullptr);
#else
// A build without the rules trusts nobody's certificate.
inline Err verify_path(const Expectations&, std::span<const Bytes> sent, const SignatureCheck&,
                       Bytes* = nullptr) {
    return sent.empty() ? Err::no_peer_certificate : Err::untrusted;
}
#endif

} // namespace ussl::x509
