// What the library sees of certificates: of own ones the bytes to send and the key, of a peer's the
// public key. core/ reads every certificate itself; a library that parsed them too would refuse
// other ones.
#pragma once

#include "ussl/bytes.hpp"

#include <mbedtls/x509_crt.h>

namespace ussl::mbedtls {

// Appends an own certificate to `chain`, without copying. Returns the library's error.
int add_own_certificate(mbedtls_x509_crt& chain, Bytes der);

} // namespace ussl::mbedtls
