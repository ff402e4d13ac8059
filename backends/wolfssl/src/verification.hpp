// Signatures on certificates.
//
// Of what wolfSSL has for certificate paths, nothing else is used: it goes through the peer's list
// from its end, takes each intermediate that it trusts into the context for good, where it serves
// other sessions too, and keeps a decoded copy of every anchor on the heap. core finds the path,
// and anchors stay where the caller has them.
#pragma once

#include "ussl/x509/certificate.hpp"

namespace ussl::wolfssl {

// For an x509::SignatureCheck, without a user.
bool is_signed_by(void*, const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::wolfssl
