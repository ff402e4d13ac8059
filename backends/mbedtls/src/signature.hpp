// Signatures on certificates, the one thing that core/ leaves to the library when it looks for a
// path.
#pragma once

#include "ussl/x509/path.hpp"

namespace ussl::mbedtls {

// For an x509::SignatureCheck, without a user.
bool is_signed_by(void*, const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::mbedtls
