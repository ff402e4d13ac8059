#include "key_log.hpp"

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"

#include <cstring>

namespace ussl::mbedtls {

#if USSL_KEY_LOG
namespace {

constexpr std::size_t random_size = 32, max_secret_size = 48;

// Empty for secrets that the format does not have.
std::string_view label_of(mbedtls_ssl_key_export_type type) {
    switch (type) {
    case MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET: return "CLIENT_RANDOM";
#if USSL_TLS1_3
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET:
        return "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET:
        return "SERVER_HANDSHAKE_TRAFFIC_SECRET";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET:
        return "CLIENT_TRAFFIC_SECRET_0";
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET:
        return "SERVER_TRAFFIC_SECRET_0";
#endif
    default: return {};
    }
}

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

char* put_hex(char* at, Bytes bytes) {
    constexpr char digits[] = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return at;
}

} // namespace

void log_keys(void* key_log, mbedtls_ssl_key_export_type type, const unsigned char* secret,
              std::size_t secret_size, const unsigned char client_random[32], const unsigned char*,
              mbedtls_tls_prf_types) {
    const KeyLog& log = *static_cast<const KeyLog*>(key_log);
    const std::string_view label = label_of(type);
    constexpr std::size_t longest_label = 31;
    char line[longest_label + 1 + 2 * random_size + 1 + 2 * max_secret_size];
    if (label.empty() || secret_size > max_secret_size) return;
    char* end = put(line, label);
    *end++ = ' ';
    end = put_hex(end, {client_random, random_size});
    *end++ = ' ';
    end = put_hex(end, {secret, secret_size});
    log.line(log.user, {line, static_cast<std::size_t>(end - line)});
    wipe({reinterpret_cast<std::uint8_t*>(line), sizeof line});
}

#endif

} // namespace ussl::mbedtls
