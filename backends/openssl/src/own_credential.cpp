#include "own_credential.hpp"

#include "hooks.hpp"
#include "key_numbers.hpp"

#include "ussl/x509/private_key.hpp"

#include <openssl/core_names.h>

namespace ussl::openssl {
namespace {

OwnedCertificate read_certificate(Bytes der) {
    X509* made = X509_new_ex(library_context(), nullptr);
    const unsigned char* at = der.data();
    if (made != nullptr && d2i_X509(&made, &at, static_cast<long>(der.size())) == nullptr)
        made = nullptr; // it has freed it
    return OwnedCertificate(made);
}

void add_rsa([[maybe_unused]] const x509::PrivateKey& key, [[maybe_unused]] KeyNumbers& numbers) {
#if USSL_RSA
    numbers.add(OSSL_PKEY_PARAM_RSA_D, key.private_exponent);
    numbers.add(OSSL_PKEY_PARAM_RSA_FACTOR1, key.prime1);
    numbers.add(OSSL_PKEY_PARAM_RSA_FACTOR2, key.prime2);
    numbers.add(OSSL_PKEY_PARAM_RSA_EXPONENT1, key.exponent1);
    numbers.add(OSSL_PKEY_PARAM_RSA_EXPONENT2, key.exponent2);
    numbers.add(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key.coefficient);
#endif
}

bool is_pair(EVP_PKEY* key) {
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_pkey(library_context(), key, nullptr);
    const bool pair = context != nullptr && EVP_PKEY_pairwise_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return pair;
}

} // namespace

Err OwnCredential::read(const Credential& credential) {
    if (const Err error = read_chain(credential.chain); error != Err::none) return error;
    return read_key(credential);
}

// core/ has checked the key, except the point of an elliptic curve.
Err OwnCredential::read_key(const Credential& credential) {
    x509::PrivateKey key;
    x509::PublicKey own;
    if (x509::parse_private_key(credential.private_key, key) != Err::none ||
        !x509::parse_public_key(x509::subject_public_key_of(credential.chain.front()), own))
        return Err::bad_private_key;
    KeyNumbers numbers;
    numbers.add(own); // a point that a key in a file may lack
    if (key.kind == x509::KeyKind::rsa)
        add_rsa(key, numbers);
    else
        numbers.add(OSSL_PKEY_PARAM_PRIV_KEY, key.scalar);
    key_ = numbers.make_key(key.kind, EVP_PKEY_KEYPAIR);
    if (!key_) return Err::bad_private_key;
    return key.kind == x509::KeyKind::rsa || is_pair(key_.get()) ? Err::none : Err::key_mismatch;
}

Err OwnCredential::read_chain(std::span<const Bytes> chain) {
    certificate_ = read_certificate(chain.front());
    if (!certificate_ || X509_get0_pubkey(certificate_.get()) == nullptr)
        return Err::bad_certificate;
    issuers_.reset(sk_X509_new_null());
    if (!issuers_) return Err::no_memory;
    for (const Bytes& der : chain.subspan(1)) {
        OwnedCertificate issuer = read_certificate(der);
        if (!issuer) return Err::bad_certificate;
        if (sk_X509_push(issuers_.get(), issuer.get()) == 0) return Err::no_memory;
        static_cast<void>(issuer.release());
    }
    return Err::none;
}

bool OwnCredential::use(SSL_CTX* library) const {
    return SSL_CTX_use_cert_and_key(library, certificate_.get(), key_.get(), issuers_.get(), 1) ==
           1;
}

// OpenSSL keeps one certificate for each kind of key: remove the others.
bool OwnCredential::use(SSL* ssl) const {
    SSL_certs_clear(ssl);
    return SSL_use_cert_and_key(ssl, certificate_.get(), key_.get(), issuers_.get(), 1) == 1;
}

} // namespace ussl::openssl
