#include "signature.hpp"

#include "ussl/features.hpp"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>

namespace ussl::mbedtls {
namespace {

mbedtls_md_type_t hash_of(x509::HashKind kind) {
    switch (kind) {
    case x509::HashKind::sha1: return MBEDTLS_MD_SHA1;
    case x509::HashKind::sha224: return MBEDTLS_MD_SHA224;
    case x509::HashKind::sha256: return MBEDTLS_MD_SHA256;
    case x509::HashKind::sha384: return MBEDTLS_MD_SHA384;
    case x509::HashKind::sha512: return MBEDTLS_MD_SHA512;
    case x509::HashKind::other: break;
    }
    return MBEDTLS_MD_NONE;
}

class PublicKey {
public:
    explicit PublicKey(Bytes info) {
        mbedtls_pk_init(&key_);
        // The library only reads what it takes as not const.
        auto* at = const_cast<unsigned char*>(info.data());
        known_ = mbedtls_pk_parse_subpubkey(&at, info.data() + info.size(), &key_) == 0;
    }
    PublicKey(const PublicKey&) = delete;
    PublicKey& operator=(const PublicKey&) = delete;
    ~PublicKey() { mbedtls_pk_free(&key_); }

    bool verify(x509::SignatureKind kind, mbedtls_md_type_t hash, Bytes digest, Bytes signature) {
        if (!known_) return false;
        const bool rsa = mbedtls_pk_get_type(&key_) == MBEDTLS_PK_RSA;
        if ((kind == x509::SignatureKind::rsa_pkcs1 || kind == x509::SignatureKind::rsa_pss) !=
                rsa &&
            kind != x509::SignatureKind::weak_hash)
            return false;
#if USSL_RSA && USSL_TLS1_3
        if (kind == x509::SignatureKind::rsa_pss) {
            // RFC 8017, A.2.3 recommends the same hash for both of its uses.
            const mbedtls_pk_rsassa_pss_options options{hash, MBEDTLS_RSA_SALT_LEN_ANY};
            return mbedtls_pk_verify_ext(MBEDTLS_PK_RSASSA_PSS, &options, &key_, hash,
                                         digest.data(), digest.size(), signature.data(),
                                         signature.size()) == 0;
        }
#endif
        return mbedtls_pk_verify(&key_, hash, digest.data(), digest.size(), signature.data(),
                                 signature.size()) == 0;
    }

private:
    mbedtls_pk_context key_;
    bool known_ = false;
};

} // namespace

bool is_signed_by(Bytes, const x509::Certificate& certificate, const x509::Certificate& issuer) {
    const mbedtls_md_type_t hash = hash_of(certificate.hash);
    const mbedtls_md_info_t* info = mbedtls_md_info_from_type(hash);
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];
    const Bytes signed_part = certificate.to_be_signed;
    if (info == nullptr || mbedtls_md(info, signed_part.data(), signed_part.size(), digest) != 0)
        return false;
    return PublicKey(issuer.subject_public_key)
        .verify(certificate.signature, hash, {digest, mbedtls_md_get_size(info)},
                certificate.signature_value);
}

} // namespace ussl::mbedtls
