// What a number that the library returned means in ussl's list.
#pragma once

#include "ussl/backend/error_table.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// For failures while certificates and keys are read: no_memory and no_randomness are told apart
// from `otherwise`. Notes the library's number.
Err material_error(int code, Err otherwise);

// For failures of a session. `ssl` and `what` tell what the number alone does not: which message
// it was about.
Error session_error(int code, const mbedtls_ssl_context& ssl, During what);

// Whether the arithmetic on elliptic curves refused a value that could be read.
bool is_of_arithmetic(int code);

} // namespace ussl::mbedtls
