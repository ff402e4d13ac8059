#pragma once

#include "ussl/bytes.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl::openssl {

// Whether it is a SubjectPublicKeyInfo with a key that OpenSSL can use.
bool is_key(const Bytes& info);

// x509::SignatureCheck.
bool is_signed_by(const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::openssl
