#pragma once

#include "ussl/bytes.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl::openssl {

// For an x509::SignatureCheck without `user`.
bool is_signed_by(void*, const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::openssl
