#include "key_log.hpp"

#include "ussl/bytes.hpp"

#include "internals.hpp"

#include <cstring>

namespace ussl::wolfssl::key_log {

#if USSL_KEY_LOG

namespace {

constexpr std::size_t random_size = 32, longest_secret = 48;

// Label, the client's random and the secret, both in hexadecimal.
void write(WOLFSSL* ssl, std::string_view label, const void* secret, std::size_t size,
           const void* user) {
    constexpr std::size_t longest_label = 32;
    char line[longest_label + 1 + 2 * random_size + 1 + 2 * longest_secret];
    std::uint8_t random[random_size];
    if (label.size() > longest_label || size > longest_secret ||
        wolfSSL_get_client_random(ssl, random, sizeof random) != sizeof random)
        return;
    std::size_t end = label.size();
    std::memcpy(line, label.data(), end);
    const auto append = [&line, &end](const std::uint8_t* from, std::size_t count) {
        constexpr char digits[] = "0123456789abcdef";
        line[end++] = ' ';
        for (std::size_t i = 0; i < count; ++i) {
            line[end++] = digits[from[i] >> 4];
            line[end++] = digits[from[i] & 15];
        }
    };
    append(random, sizeof random);
    append(static_cast<const std::uint8_t*>(secret), size);
    const KeyLog& log = *static_cast<const KeyLog*>(user);
    log.line(log.user, {line, end});
    wipe({reinterpret_cast<std::uint8_t*>(line), sizeof line});
}

int log_tls1_2(WOLFSSL* ssl, void* secret, int size, void* user) {
    write(ssl, "CLIENT_RANDOM", secret, static_cast<std::size_t>(size), user);
    return 0;
}

#if USSL_TLS1_3
int log_tls1_3(WOLFSSL* ssl, int id, const unsigned char* secret, int size, void* user) {
    std::string_view label;
    switch (id) {
    case CLIENT_HANDSHAKE_TRAFFIC_SECRET: label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"; break;
    case SERVER_HANDSHAKE_TRAFFIC_SECRET: label = "SERVER_HANDSHAKE_TRAFFIC_SECRET"; break;
    case CLIENT_TRAFFIC_SECRET: label = "CLIENT_TRAFFIC_SECRET_0"; break;
    case SERVER_TRAFFIC_SECRET: label = "SERVER_TRAFFIC_SECRET_0"; break;
    case EXPORTER_SECRET: label = "EXPORTER_SECRET"; break;
    default: return 0;
    }
    write(ssl, label, secret, static_cast<std::size_t>(size), user);
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
        write(ssl, "CLIENT_RANDOM", secret.data(), secret.size(), &log);
    }
}

#endif

} // namespace ussl::wolfssl::key_log
