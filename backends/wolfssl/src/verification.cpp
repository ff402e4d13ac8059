#include "verification.hpp"

#include "ussl/features.hpp"

#if USSL_CERTIFICATES

#include "library.hpp"

#include "ussl/x509/der_shape.hpp"

#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include <cstring>

namespace ussl::wolfssl {
namespace {

// In the order of HashKind.
constexpr wc_HashType hashes[] = {WC_HASH_TYPE_NONE, WC_HASH_TYPE_SHA, WC_HASH_TYPE_SHA256,
                                  WC_HASH_TYPE_SHA384, WC_HASH_TYPE_SHA512};
static_assert(hashes[static_cast<unsigned>(x509::HashKind::sha512)] == WC_HASH_TYPE_SHA512);

word32 size_of(const Bytes& bytes) { return static_cast<word32>(bytes.size()); }

// The keys are allocated, as some of wolfSSL's structures take kilobytes.
template<class T>
T* allocate(std::size_t count = 1) {
    return static_cast<T*>(ussl_wolfssl_allocate(count * sizeof(T)));
}

bool is_ecdsa(const Bytes& key_info, const Bytes& digest, const Bytes& signature) {
    auto* const key = allocate<ecc_key>();
    if (key == nullptr) return false;
    int good = 0;
    int code = wc_ecc_init(key);
    if (code == 0) {
        word32 at = 0;
        code = wc_EccPublicKeyDecode(key_info.data(), &at, key, size_of(key_info));
        if (code == 0)
            code = wc_ecc_verify_hash(signature.data(), size_of(signature), digest.data(),
                                      size_of(digest), &good, key);
        wc_ecc_free(key);
    }
    ussl_wolfssl_release(key);
    return code == 0 && good == 1;
}

#if USSL_RSA
// RFC 8017, A.2.3. core has read `certificate` before.
int salt_of(const Bytes& certificate) {
    using namespace der;
    static constexpr Step shape[] = {
        {sequence, enter},
        {sequence, check}, // TBSCertificate
        {sequence, enter},
        {object_identifier, check},
        {sequence, enter},
        {context_constructed(0), check | optional},
        {context_constructed(1), check | optional},
        {context_constructed(2), enter | optional},
        {integer, store},
        {0, leave},
        {0, leave_rest},
        {0, leave_rest},
        {0, leave_rest},
        {0, leave},
    };
    constexpr int usual = 20;
    Bytes salt;
    read(certificate, shape, &salt);
    if (salt.empty()) return usual;
    int size = 0;
    for (const std::uint8_t byte : salt) {
        if (size > 0xff) return usual; // longer than any signature
        size = size << 8 | byte;
    }
    return size;
}

// PKCS#1 v1.5 (RFC 8017, 8.2.2): whether the signature holds the encoded DigestInfo.
bool holds_digest(Bytes signature, const Bytes& digest, wc_HashType hash) {
    std::uint8_t expected[MAX_DER_DIGEST_SZ];
    const word32 size =
        wc_EncodeSignature(expected, digest.data(), size_of(digest), wc_HashGetOID(hash));
    return equal(signature, Bytes(expected, size));
}

// Decrypts the signature in place.
bool is_rsa_opened(const Bytes& der, const x509::Certificate& certificate, const Bytes& digest,
                   wc_HashType hash, std::uint8_t* signature, RsaKey* key) {
    const word32 size = size_of(certificate.signature_value);
    std::uint8_t* content = nullptr;
    if (certificate.signature != x509::SignatureKind::rsa_pss) {
        const int found = wc_RsaSSL_VerifyInline(signature, size, &content, key);
        return found > 0 && holds_digest({content, static_cast<std::size_t>(found)}, digest, hash);
    }
    const int salt = salt_of(der);
    const int found =
        wc_RsaPSS_VerifyInline_ex(signature, size, &content, hash, wc_hash2mgf(hash), salt, key);
    return found > 0 && wc_RsaPSS_CheckPadding_ex(digest.data(), size_of(digest), content,
                                                  static_cast<word32>(found), hash, salt, 0) == 0;
}

bool is_rsa(const Bytes& der, const x509::Certificate& certificate, const Bytes& key_info,
            const Bytes& digest, wc_HashType hash) {
    const Bytes& signature = certificate.signature_value;
    auto* const copy = allocate<std::uint8_t>(signature.size());
    auto* const key = allocate<RsaKey>();
    bool good = false;
    if (copy != nullptr && key != nullptr && wc_InitRsaKey(key, nullptr) == 0) {
        std::memcpy(copy, signature.data(), signature.size());
        word32 at = 0;
        good = wc_RsaPublicKeyDecode(key_info.data(), &at, key, size_of(key_info)) == 0 &&
               is_rsa_opened(der, certificate, digest, hash, copy, key);
        wc_FreeRsaKey(key);
    }
    ussl_wolfssl_release(key);
    ussl_wolfssl_release(copy);
    return good;
}
#endif

} // namespace

bool is_signed_by(void*, [[maybe_unused]] const Bytes& der, const x509::Certificate& certificate,
                  const x509::Certificate& issuer) {
    const wc_HashType hash = hashes[static_cast<unsigned>(certificate.hash)];
    const int size = wc_HashGetDigestSize(hash);
    std::uint8_t digest_bytes[WC_MAX_DIGEST_SIZE];
    const Bytes& content = certificate.to_be_signed;
    if (size <= 0 || wc_Hash(hash, content.data(), size_of(content), digest_bytes,
                             static_cast<word32>(size)) != 0)
        return false;
    const Bytes digest(digest_bytes, static_cast<std::size_t>(size));
#if USSL_RSA
    if (issuer.key == x509::KeyKind::rsa)
        return is_rsa(der, certificate, issuer.subject_public_key, digest, hash);
#endif
    return is_ecdsa(issuer.subject_public_key, digest, certificate.signature_value);
}

} // namespace ussl::wolfssl

#endif
