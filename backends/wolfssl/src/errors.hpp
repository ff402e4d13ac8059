// wolfSSL's error numbers as ours.
#pragma once

#include "ussl/error.hpp"

namespace ussl::wolfssl {

// `code`: as wolfSSL_get_error() gives it, one that ends a connection.
Err translate(int code);

} // namespace ussl::wolfssl
