#include "context_engine.hpp"

namespace ussl {

namespace wolfssl {
namespace {

// In order of preference; RFC 8446, B.4, RFC 5289, RFC 7905 and RFC 5487.
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
    0x00a8, // TLS_PSK_WITH_AES_128_GCM_SHA256
    0x00a9, // TLS_PSK_WITH_AES_256_GCM_SHA384
#if USSL_CHACHA20_POLY1305
    0xccac, // TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
    0xccab, // TLS_PSK_WITH_CHACHA20_POLY1305_SHA256
#endif
#endif
};

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return wc_Sha256Hash(data.data(), static_cast<word32>(data.size()), digest) == 0;
}

} // namespace

const Backend& backend() {
    static constexpr Backend self{"wolfssl", [] { return std::string_view{wolfSSL_lib_version()}; },
                                  capabilities, suites, sha256};
    return self;
}

} // namespace wolfssl

using OnlyTraits = wolfssl::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
