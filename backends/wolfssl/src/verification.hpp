// Signatures of certificates.
//
// The adapter uses nothing else of wolfSSL's code for certificate paths. That code walks through
// the peer's list from its end, adds each trusted intermediate to the context for good, where other
// sessions use it too, and keeps a decoded copy of every anchor on the heap. Here core finds the
// path, and anchors stay in the caller's memory.
#pragma once

#include "ussl/x509/certificate.hpp"

namespace ussl::wolfssl {

// For an x509::SignatureCheck without `user`.
bool is_signed_by(void*, const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::wolfssl
