#include "session_engine.hpp"

#include "ussl/backend/engine_impl.hpp"

namespace ussl {

namespace bearssl {
namespace {

// In order of preference; RFC 8446, B.4, RFC 5289 and RFC 7905.
constexpr std::uint16_t suites[] = {
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
};

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, data.data(), data.size());
    br_sha256_out(&hash, digest);
    return true;
}

} // namespace

const Backend& backend() {
    // BearSSL does not tell its version, in no header and no function.
    static constexpr Backend self{"bearssl", [] { return std::string_view{"0.6"}; }, capabilities,
                                  suites, sha256};
    return self;
}

} // namespace bearssl

template class ContextOf<bearssl::Traits>;
template class SessionOf<bearssl::Traits>;

} // namespace ussl
