// What a number that the library returned means in ussl's list.
#pragma once

#include "ussl/error.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// For failures while certificates and keys are read: no_memory and no_randomness are told apart
// from `otherwise`. library_error() is then the library's number.
Err material_error(int code, Err otherwise);

// For failures of a session. `ssl` tells what the number alone does not: which message it was
// about.
Error session_error(int code, const mbedtls_ssl_context& ssl);

} // namespace ussl::mbedtls
