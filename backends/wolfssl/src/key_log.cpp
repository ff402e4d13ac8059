#include "key_log.hpp"

#include "ussl/backend/key_log.hpp"

#include "internals.hpp"

namespace ussl::wolfssl::key_log {

#if USSL_KEY_LOG

namespace {

void write(WOLFSSL* ssl, std::string_view label, const void* secret, std::size_t size,
           const void* log) {
    std::uint8_t random[32];
    if (wolfSSL_get_client_random(ssl, random, sizeof random) == sizeof random)
        log_key(*static_cast<const KeyLog*>(log), label, random,
                {static_cast<const std::uint8_t*>(secret), size});
}

int log_tls1_2(WOLFSSL* ssl, void* secret, int size, void* user) {
    write(ssl, key_label::client_random, secret, static_cast<std::size_t>(size), user);
    return 0;
}

#if USSL_TLS1_3
// Empty: the format has no such secret.
std::string_view label_of(int id) {
    switch (id) {
    case CLIENT_HANDSHAKE_TRAFFIC_SECRET: return key_label::client_handshake;
    case SERVER_HANDSHAKE_TRAFFIC_SECRET: return key_label::server_handshake;
    case CLIENT_TRAFFIC_SECRET: return key_label::client_traffic;
    case SERVER_TRAFFIC_SECRET: return key_label::server_traffic;
    case EXPORTER_SECRET: return key_label::exporter;
    default: return {};
    }
}

int log_tls1_3(WOLFSSL* ssl, int id, const unsigned char* secret, int size, void* user) {
    write(ssl, label_of(id), secret, static_cast<std::size_t>(size), user);
    return 0;
}
#endif

} // namespace

void set(WOLFSSL* ssl, const KeyLog& log) {
    void* const user = const_cast<KeyLog*>(&log);
    wolfSSL_set_secret_cb(ssl, log_tls1_2, user);
#if USSL_TLS1_3
    wolfSSL_set_tls13_secret_cb(ssl, log_tls1_3, user);
#endif
    wolfSSL_KeepArrays(ssl); // for established()
}

void established(WOLFSSL* ssl, const KeyLog& log, bool is_resumed_tls1_2) {
    if (is_resumed_tls1_2) {
        const Bytes secret = internals::master_secret(ssl);
        write(ssl, key_label::client_random, secret.data(), secret.size(), &log);
    }
}

#endif

} // namespace ussl::wolfssl::key_log
