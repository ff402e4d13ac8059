#include "support/signer.hpp"

#include "support/material.hpp"

#if USSL_TEST_LIBCRYPTO
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#endif

namespace ussl::test {

Credential Signing::credential() {
    Credential own = test::credential(leaf);
    own.private_key = {};
    own.signer = {this, sign};
    return own;
}

#if USSL_TEST_LIBCRYPTO

bool has_signer() { return true; }

namespace {

const EVP_MD* hash_of(SignatureScheme scheme) {
    switch (scheme) {
    case SignatureScheme::rsa_pkcs1_sha256:
    case SignatureScheme::ecdsa_sha256:
    case SignatureScheme::rsa_pss_rsae_sha256: return EVP_sha256();
    case SignatureScheme::rsa_pkcs1_sha384:
    case SignatureScheme::ecdsa_sha384:
    case SignatureScheme::rsa_pss_rsae_sha384: return EVP_sha384();
    default: return EVP_sha512();
    }
}

bool is_pss(SignatureScheme scheme) { return static_cast<unsigned>(scheme) >> 8 == 8; }

} // namespace

bool Signing::sign(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                   std::size_t* size) {
    Signing& self = *static_cast<Signing*>(user);
    ++self.calls;
    self.scheme = scheme;
    if (self.refuses) return false;
    const Blob& der = file(self.leaf + ".key.der");
    const std::uint8_t* at = der.data();
    EVP_PKEY* key = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size()));
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    *size = signature.size();
    bool good = EVP_PKEY_sign_init(context) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context, hash_of(scheme)) == 1;
    if (is_pss(scheme))
        good = good && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
    good =
        good && EVP_PKEY_sign(context, signature.data(), size, digest.data(), digest.size()) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

#else

bool has_signer() { return false; }

bool Signing::sign(void*, SignatureScheme, Bytes, MutableBytes, std::size_t*) { return false; }

#endif

} // namespace ussl::test
