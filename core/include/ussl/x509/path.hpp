// The search for a path from a peer's certificate to a trust anchor, for adapters whose library
// only checks signatures. It is the same on every backend: which certificates are tried, in which
// order, and when the search gives up.
#pragma once

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/path_check.hpp"

#include <cstddef>
#include <span>

namespace ussl::x509 {

// How many of the peer's certificates are looked at.
inline constexpr std::size_t max_sent_certificates = max_path_length - 1;

// A peer can send certificates with more paths through them than anyone can try. The search
// backtracks from a certificate without an issuer at most so many times.
inline constexpr unsigned max_steps_back = 100;

// How many anchors of one name a source is asked for.
inline constexpr unsigned max_anchors_of_a_name = 255;

// Whether certificates can be trust anchors, for Context::open() and for readers of files. All must
// be readable: nobody would notice a missing one before the first peer below it. Keys that the
// backend does not support may occur, as in bundles of public anchors, if one other is usable: a
// peer below them is Err::unsupported.
//
// Err::bad_trust_anchor: one cannot be read. Err::unsupported: anchors are `needed`, and all have
// unsupported keys. `which`: the number of that anchor, from 1.
Err check_trust_anchors(std::span<const Bytes> anchors, bool needed, const Capabilities& can,
                        std::uint16_t& which);

// How a library checks the signature of a certificate.
struct SignatureCheck {
    void* user = nullptr; // the adapter's, such as its session
    // Whether the key of `issuer` made the signature of `certificate`, whose DER is `der`. Called
    // only if the names, and the kinds of key and signature, match. false also if the library does
    // not support it.
    bool (*is_signed_by)(void* user, const Bytes& der, const Certificate& certificate,
                         const Certificate& issuer);
};

// Verifies the certificates that a peer sent: its own first, the others in any order, needed or not
// (RFC 8446, 4.4.2). All must be readable. Issuers are found by name, byte by byte (RFC 5280, 7.1).
// The search tries all paths to an anchor (RFC 4158), depth first, issuers in the order in which
// they were sent, until a path passes PathCheck or max_steps_back is reached. If no path passes,
// the result is the verdict on the first complete path. If there was none it is the verdict on all
// the certificates, `untrusted` at least.
//
// Results of signature checks are stored, in 192 bytes of stack. At most 12 * 11 signatures are
// checked, and for each certificate those by anchors with its issuer's name. (Of more than 4
// anchors with the same name, the others are checked each time.)
//
// `own_key`, unless null, is set to the SubjectPublicKeyInfo of the peer's own certificate, if all
// certificates can be read.
#if USSL_VERIFICATION
Err verify_path(const Expectations& expectations, std::span<const Bytes> sent,
                const SignatureCheck& signatures, Bytes* own_key = nullptr);
#else
// Builds without the rules trust no certificate.
inline Err verify_path(const Expectations&, std::span<const Bytes> sent, const SignatureCheck&,
                       Bytes* = nullptr) {
    return sent.empty() ? Err::no_peer_certificate : Err::untrusted;
}
#endif

} // namespace ussl::x509
