#pragma once

#include "ussl/error.hpp"

namespace ussl::openssl {

// The error for an alert with which OpenSSL has refused the peer's input: it chooses an alert for
// each of its hundreds of errors.
Err error_of_alert(Alert alert);

// The X509_V_ERR_* that makes OpenSSL send `alert` for a refused certificate.
int reason_for(Alert alert);

} // namespace ussl::openssl
