#pragma once

#include "ussl/x509/certificate.hpp"

namespace ussl::bearssl {

// A x509::SignatureCheck.
bool is_signed_by(const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer);

} // namespace ussl::bearssl
