// A session's secrets as lines of the NSS key log format.
#pragma once

#include "ussl/callbacks.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// The library's f_export_keys; its argument is the KeyLog.
void log_keys(void* key_log, mbedtls_ssl_key_export_type type, const unsigned char* secret,
              std::size_t secret_size, const unsigned char client_random[32],
              const unsigned char server_random[32], mbedtls_tls_prf_types);

} // namespace ussl::mbedtls
