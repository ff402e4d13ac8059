#include "signature.hpp"

#include "ussl/features.hpp"

#if USSL_CERTIFICATES

#include <mbedtls/md.h>
#include <mbedtls/pk.h>

namespace ussl::mbedtls {
namespace {

// In the order of HashKind.
constexpr mbedtls_md_type_t hashes[] = {MBEDTLS_MD_NONE, MBEDTLS_MD_SHA1, MBEDTLS_MD_SHA256,
                                        MBEDTLS_MD_SHA384, MBEDTLS_MD_SHA512};
static_assert(hashes[static_cast<unsigned>(x509::HashKind::sha512)] == MBEDTLS_MD_SHA512);

bool verify(mbedtls_pk_context& key, [[maybe_unused]] x509::SignatureKind kind,
            mbedtls_md_type_t hash, const Bytes& digest, const Bytes& signature) {
#if USSL_RSA && USSL_TLS1_3
    if (kind == x509::SignatureKind::rsa_pss) {
        // RFC 8017, A.2.3 recommends the same hash for both uses.
        const mbedtls_pk_rsassa_pss_options options{hash, MBEDTLS_RSA_SALT_LEN_ANY};
        return mbedtls_pk_verify_ext(MBEDTLS_PK_RSASSA_PSS, &options, &key, hash, digest.data(),
                                     digest.size(), signature.data(), signature.size()) == 0;
    }
#endif
    return mbedtls_pk_verify(&key, hash, digest.data(), digest.size(), signature.data(),
                             signature.size()) == 0;
}

} // namespace

bool is_signed_by(void*, const Bytes&, const x509::Certificate& certificate,
                  const x509::Certificate& issuer) {
    const mbedtls_md_type_t hash = hashes[static_cast<unsigned>(certificate.hash)];
    const mbedtls_md_info_t* info = mbedtls_md_info_from_type(hash);
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];
    const Bytes& signed_part = certificate.to_be_signed;
    if (info == nullptr || mbedtls_md(info, signed_part.data(), signed_part.size(), digest) != 0)
        return false;
    mbedtls_pk_context key;
    mbedtls_pk_init(&key);
    const Bytes& key_info = issuer.subject_public_key;
    // Not const, but the library only reads it.
    auto* at = const_cast<unsigned char*>(key_info.data());
    const bool good = mbedtls_pk_parse_subpubkey(&at, at + key_info.size(), &key) == 0 &&
                      verify(key, certificate.signature, hash, {digest, mbedtls_md_get_size(info)},
                             certificate.signature_value);
    mbedtls_pk_free(&key);
    return good;
}

} // namespace ussl::mbedtls

#endif
