// What the library gets to see of certificates: of own ones the bytes to send and the key, of a
// peer's the public key. All else is core's: it reads every certificate itself, and a library that
// did so too would refuse other ones.
#pragma once

#include "ussl/bytes.hpp"

#include <mbedtls/x509_crt.h>

namespace ussl::mbedtls {

// Adds an own certificate at the end of `chain`, without a copy. Returns the library's error.
int add_own_certificate(mbedtls_x509_crt& chain, Bytes der);

} // namespace ussl::mbedtls
