#include "key_log.hpp"

#include "ussl/backend/key_log.hpp"
#include "ussl/features.hpp"

namespace ussl::mbedtls {

#if USSL_KEY_LOG
namespace {

// Empty: the format has no such secret.
std::string_view label_of(mbedtls_ssl_key_export_type type) {
    switch (type) {
    case MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET: return key_label::client_random;
#if USSL_TLS1_3
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET:
        return key_label::client_handshake;
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET:
        return key_label::server_handshake;
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET:
        return key_label::client_traffic;
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET:
        return key_label::server_traffic;
#endif
    default: return {};
    }
}

} // namespace

void log_keys(void* key_log, mbedtls_ssl_key_export_type type, const unsigned char* secret,
              std::size_t secret_size, const unsigned char client_random[32], const unsigned char*,
              mbedtls_tls_prf_types) {
    log_key(*static_cast<const KeyLog*>(key_log), label_of(type), {client_random, 32},
            {secret, secret_size});
}

#endif

} // namespace ussl::mbedtls
