// Cookies of HelloVerifyRequest (RFC 6347, 4.2.1): a client must show that it receives what is sent
// to its address, before the server works for it. A cookie is a MAC over the client's address and
// the time: the server stores nothing.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

#if USSL_DTLS && USSL_SERVER

class Cookies {
public:
    // Makes the key, and installs the callbacks.
    Err start(mbedtls_ssl_config& settings, const Environment& environment);

private:
    static constexpr std::size_t mac_size = 32;

    static int write(void* self, unsigned char** at, unsigned char* end,
                     const unsigned char* client, std::size_t client_size);
    static int check(void* self, const unsigned char* cookie, std::size_t size,
                     const unsigned char* client, std::size_t client_size);
    std::uint32_t period() const;
    bool make(std::uint32_t period, Bytes client, std::uint8_t (&mac)[mac_size]) const;

    const Environment* environment_ = nullptr;
    std::uint8_t key_[32]; // HMAC-SHA256
};

#endif

} // namespace ussl::mbedtls
