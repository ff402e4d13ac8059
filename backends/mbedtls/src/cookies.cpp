#include "cookies.hpp"

#include "session_engine.hpp"

#include "ussl/session.hpp"

#include <cstring>
#include <mbedtls/md.h>

namespace ussl::mbedtls {

#if USSL_DTLS && USSL_SERVER

Err Cookies::start(mbedtls_ssl_config& settings, const Environment& environment) {
    environment_ = &environment;
    if (!environment.random(environment.user, MutableBytes{key_})) return Err::no_randomness;
    mbedtls_ssl_conf_dtls_cookies(&settings, write, check, this);
    return Err::none;
}

// Counts periods of about a minute. A cookie is valid in its own period and in the next one.
std::uint32_t Cookies::period() const {
    return environment_->milliseconds(environment_->user) >> 16;
}

bool Cookies::make(std::uint32_t period, Bytes client, std::uint8_t (&mac)[mac_size]) const {
    std::uint8_t input[sizeof period + max_client_id];
    if (client.size() > max_client_id) return false;
    std::memcpy(input, &period, sizeof period);
    if (!client.empty()) std::memcpy(input + sizeof period, client.data(), client.size());
    return mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key_, sizeof key_, input,
                           sizeof period + client.size(), mac) == 0;
}

int Cookies::write(void* self, unsigned char** at, unsigned char* end, const unsigned char* client,
                   std::size_t client_size) {
    const auto& cookies = *static_cast<const Cookies*>(self);
    std::uint8_t mac[mac_size];
    if (static_cast<std::size_t>(end - *at) < mac_size) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    if (!cookies.make(cookies.period(), {client, client_size}, mac))
        return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    std::memcpy(*at, mac, mac_size);
    *at += mac_size;
    return 0;
}

int Cookies::check(void* self, const unsigned char* cookie, std::size_t size,
                   const unsigned char* client, std::size_t client_size) {
    const auto& cookies = *static_cast<const Cookies*>(self);
    if (client_size == 0) { // PeerIdentity::cookie_verified
        Traits::SessionEngine::current().note_cookie(true);
        return 0;
    }
    const std::uint32_t now = cookies.period();
    // When the environment's milliseconds wrap, so does the period.
    for (const std::uint32_t period : {now, (now - 1) & 0xffff}) {
        std::uint8_t mac[mac_size];
        if (!cookies.make(period, {client, client_size}, mac))
            return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
        if (equal({cookie, size}, Bytes{mac})) {
            Traits::SessionEngine::current().note_cookie(true);
            return 0;
        }
    }
    Traits::SessionEngine::current().note_cookie(false);
    return MBEDTLS_ERR_SSL_INVALID_MAC; // any error: the library sends another cookie
}

#endif

} // namespace ussl::mbedtls
