// Translates error numbers of the library.
#pragma once

#include "ussl/backend/error_table.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// For errors while certificates and keys are read: no_memory and no_randomness are distinguished,
// everything else is `otherwise`. Notes the library's number.
Err material_error(int code, Err otherwise);

// For errors of a session. `ssl` and `what` say which message the number is about.
Error session_error(int code, const mbedtls_ssl_context& ssl, During what);

// Whether elliptic-curve arithmetic refused a well-formed value.
bool is_of_arithmetic(int code);

} // namespace ussl::mbedtls
