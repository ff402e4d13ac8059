// Signatures of certificates: the only work that core/ leaves to the library when it searches for a
// path.
#pragma once

#include "ussl/x509/path.hpp"

namespace ussl::mbedtls {

// For an x509::SignatureCheck without `user`.
bool is_signed_by(void*, const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::mbedtls
