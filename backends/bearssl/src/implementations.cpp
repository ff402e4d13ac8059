#include "implementations.hpp"

namespace ussl::bearssl {
namespace {

constexpr HashFunction hashes[] = {
    {br_sha256_ID, x509::HashKind::sha256, &br_sha256_vtable},
#if USSL_P384 || USSL_RSA
    {br_sha384_ID, x509::HashKind::sha384, &br_sha384_vtable},
    {br_sha512_ID, x509::HashKind::sha512, &br_sha512_vtable},
#endif
};

const br_ec_impl& library_curves() {
#if USSL_P384 || USSL_X25519
    return *br_ec_get_default();
#elif defined(__ARM_ARCH_6M__) // multiplies to 32 bits
    return br_ec_p256_m15;
#else
    return br_ec_p256_m31;
#endif
}

// The library's product of a peer's key share and the own secret. BearSSL 0.6 accepts X25519 shares
// for which it is zero with any secret: RFC 8422, 5.11 and RFC 7748, 6.1 demand that they are
// refused. The check has no branch on secrets. With shares of a wrong length BearSSL would continue
// with what happens to be on the stack.
//
// After a failure a server continues with a random secret, so that the client's Finished is wrong.
std::uint32_t multiply(unsigned char* point, std::size_t size, const unsigned char* factor,
                       std::size_t factor_size, int curve) {
    std::size_t right_size = 0;
    library_curves().generator(curve, &right_size);
    if (size != right_size) return 0;
    const std::uint32_t good = library_curves().mul(point, size, factor, factor_size, curve);
    if (curve != BR_EC_curve25519) return good;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < size; ++i)
        bits |= point[i];
    return good & ((bits + 0xff) >> 8);
}

// A signature on the key exchange. BearSSL takes numbers that are not in DER. The order of each
// curve is as long as its field, and an uncompressed point (qlen) has two numbers of that size.
std::uint32_t verify_ecdsa(const br_ec_impl* implementation, const void* digest,
                           std::size_t digest_size, const br_ec_public_key* key,
                           const void* signature, std::size_t size) {
    const Bytes encoded(static_cast<const std::uint8_t*>(signature), size);
    return x509::is_ecdsa_signature(encoded, key->qlen / 2)
               ? br_ecdsa_vrfy_asn1_get_default()(implementation, digest, digest_size, key,
                                                  signature, size)
               : 0;
}

constexpr std::uint32_t bit_of(int curve) { return std::uint32_t{1} << curve; }

constexpr br_ec_impl curves = {
    bit_of(BR_EC_secp256r1)
#if USSL_P384
        | bit_of(BR_EC_secp384r1) | bit_of(BR_EC_secp521r1)
#endif
#if USSL_X25519
        | bit_of(BR_EC_curve25519)
#endif
        ,
    [](int curve, std::size_t* size) { return library_curves().generator(curve, size); },
    [](int curve, std::size_t* size) { return library_curves().order(curve, size); },
    [](int curve, std::size_t* size) { return library_curves().xoff(curve, size); },
    multiply,
    [](unsigned char* out, const unsigned char* factor, std::size_t size, int curve) {
        return library_curves().mulgen(out, factor, size, curve);
    },
    [](unsigned char* a, const unsigned char* b, std::size_t size, const unsigned char* x,
       std::size_t x_size, const unsigned char* y, std::size_t y_size,
       int curve) { return library_curves().muladd(a, b, size, x, x_size, y, y_size, curve); },
};

} // namespace

const br_ec_impl* elliptic_curves() { return &curves; }

void choose_implementations(br_ssl_engine_context& engine, std::span<const std::uint16_t> suites) {
    br_ssl_engine_set_versions(&engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(&engine, suites.data(), suites.size());
    for (const HashFunction& hash : hashes)
        br_ssl_engine_set_hash(&engine, hash.id, hash.implementation);
    br_ssl_engine_set_prf_sha256(&engine, &br_tls12_sha256_prf);
    br_ssl_engine_set_ec(&engine, elliptic_curves());
    br_ssl_engine_set_ecdsa(&engine, verify_ecdsa);
    // AES-NI and PCLMUL if the processor has them, otherwise constant-time code.
    br_ssl_engine_set_default_aes_gcm(&engine);
#if USSL_AES_CCM
    br_ssl_engine_set_default_aes_ccm(&engine);
#endif
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

const HashFunction* hash_function(x509::HashKind kind) {
    for (const HashFunction& hash : hashes)
        if (hash.kind == kind) return &hash;
    return nullptr;
}

const HashFunction* hash_function(int id) {
    for (const HashFunction& hash : hashes)
        if (hash.id == id) return &hash;
    return nullptr;
}

const unsigned char* hash_oid(int id) {
    switch (id) {
    case br_sha256_ID: return BR_HASH_OID_SHA256;
    case br_sha384_ID: return BR_HASH_OID_SHA384;
    default: return BR_HASH_OID_SHA512;
    }
}

} // namespace ussl::bearssl
