#include "context_engine.hpp"
#include "suites.hpp"

#include "ussl/backend/threads.hpp"

#include <iterator>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

namespace ussl {
namespace mbedtls {
namespace {

std::string_view library_version() {
    static constinit Mutex mutex;
    static constinit char text[9] = {}; // "at least 9 bytes", says the library's header
    const Locked locked(mutex);
    if (text[0] == '\0') mbedtls_version_get_string(text);
    return text;
}

// In order of preference; RFC 8446, B.4, RFC 5289, RFC 7905 and RFC 5487. Those with pre-shared
// keys are used only where there is such a key.
constexpr std::uint16_t suites[] = {
#if USSL_TLS1_3
    0x1301, // TLS_AES_128_GCM_SHA256
    0x1302, // TLS_AES_256_GCM_SHA384
#if USSL_CHACHA20_POLY1305
    0x1303, // TLS_CHACHA20_POLY1305_SHA256
#endif
#endif
    0xc02b, // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
#if USSL_RSA
    0xc02f, // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
#endif
    0xc02c, // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
#if USSL_RSA
    0xc030, // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
#endif
#if USSL_CHACHA20_POLY1305
    0xcca9, // TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
#if USSL_RSA
    0xcca8, // TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
#endif
#endif
#if USSL_PSK
#if USSL_CHACHA20_POLY1305
    0xccac, // TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
#endif
    0x00a8,                  // TLS_PSK_WITH_AES_128_GCM_SHA256
#if USSL_P384 || USSL_TLS1_3 // AES-256
    0x00a9,                  // TLS_PSK_WITH_AES_256_GCM_SHA384
#endif
#if USSL_CHACHA20_POLY1305
    0xccab, // TLS_PSK_WITH_CHACHA20_POLY1305_SHA256
#endif
#endif
};

static_assert(std::size(suites) <= max_suites);

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return mbedtls_sha256(data.data(), data.size(), digest, 0) == 0;
}

} // namespace

const Backend& backend() {
    static constexpr Backend self{"mbedtls", library_version, capabilities, suites, sha256};
    return self;
}

} // namespace mbedtls

using OnlyTraits = mbedtls::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
