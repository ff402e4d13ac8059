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

// Whether the key of `issuer` made the signature on `certificate`, whose DER is `der`. Called with
// names that fit only. False also for what the library does not know.
using SignatureCheck = bool (*)(const Bytes& der, const Certificate& certificate,
                                const Certificate& issuer);

// The verdict on the certificates that a peer sent, its own first, the others in any order, needed
// or not (RFC 8446, 4.4.2); all must be readable, though. Issuers are found by their names, byte by
// byte (RFC 5280, 7.1). Of several ways to an anchor, one that passes PathCheck is enough; if none
// does, the first one's verdict is told. Each certificate is visited once, so that there are at
// most 12 * 12 signatures to check beside those of anchors with the right name.
#if USSL_VERIFICATION
Err verify_path(const Expectations& expectations, std::span<const Bytes> sent,
                SignatureCheck is_signed_by);
#else
// A build without the rules trusts nobody's certificate.
inline Err verify_path(const Expectations&, std::span<const Bytes> sent, SignatureCheck) {
    return sent.empty() ? Err::no_peer_certificate : Err::untrusted;
}
#endif

} // namespace ussl::x509
