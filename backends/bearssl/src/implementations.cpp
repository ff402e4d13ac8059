#include "implementations.hpp"

#include "ussl/features.hpp"

#include <cstdint>

namespace ussl::bearssl {
namespace {

// Best first; forward secrecy and authenticated encryption only.
constexpr std::uint16_t suites[] = {
    BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
#if USSL_RSA
    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
#endif
#if USSL_CHACHA20_POLY1305
    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
#if USSL_RSA
    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
#endif
#endif
#if USSL_P384
    BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
#if USSL_RSA
    BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
#endif
#endif
};

struct Hash {
    int id;
    x509::HashKind kind;
    const br_hash_class* implementation;
};
// SHA-384 comes with P-384: its signatures use it, and so do the suites above.
constexpr Hash hashes[] = {
    {br_sha256_ID, x509::HashKind::sha256, &br_sha256_vtable},
#if USSL_P384 || USSL_RSA
    {br_sha384_ID, x509::HashKind::sha384, &br_sha384_vtable},
    {br_sha512_ID, x509::HashKind::sha512, &br_sha512_vtable},
#endif
};

} // namespace

const br_ec_impl* elliptic_curves() {
#if USSL_P384 || USSL_X25519
    return br_ec_get_default();
#else
    return &br_ec_p256_m31;
#endif
}

void choose_implementations(br_ssl_engine_context& engine) {
    br_ssl_engine_set_versions(&engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(&engine, suites, sizeof suites / sizeof suites[0]);
    for (const Hash& hash : hashes)
        br_ssl_engine_set_hash(&engine, hash.id, hash.implementation);
    br_ssl_engine_set_prf_sha256(&engine, &br_tls12_sha256_prf);
    br_ssl_engine_set_ec(&engine, elliptic_curves());
    br_ssl_engine_set_ecdsa(&engine, br_ecdsa_vrfy_asn1_get_default());
    // AES-NI and PCLMUL where the processor has them, else constant-time code.
    br_ssl_engine_set_default_aes_gcm(&engine);
#if USSL_P384
    br_ssl_engine_set_prf_sha384(&engine, &br_tls12_sha384_prf);
#endif
#if USSL_RSA
    br_ssl_engine_set_rsavrfy(&engine, br_rsa_pkcs1_vrfy_get_default());
#endif
#if USSL_CHACHA20_POLY1305
    br_ssl_engine_set_default_chapol(&engine);
#endif
}

const br_hash_class* hash_function(x509::HashKind kind) {
    for (const Hash& hash : hashes)
        if (hash.kind == kind) return hash.implementation;
    return nullptr;
}

} // namespace ussl::bearssl
