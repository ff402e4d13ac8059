#pragma once

#include "ussl/error.hpp"

namespace ussl::openssl {

// What the alert means with which OpenSSL has refused what a peer sent: it has chosen one for each
// of its hundreds of errors.
Err error_of_alert(Alert alert);

// What makes OpenSSL send `alert` for a certificate that was refused: one of its X509_V_ERR_*.
int reason_for(Alert alert);

} // namespace ussl::openssl
