#include "own_credential.hpp"

#include "hooks.hpp"

#include "ussl/x509/private_key.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
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

// The numbers of one key in OpenSSL's form: in the processor's byte order. Wiped by the destructor.
struct Numbers {
    // RSA: two numbers as long as the modulus, and at most six of half that length, including the
    // public exponent.
    static constexpr std::size_t room = (2 * 2 + 6) * x509::max_own_rsa_bits / 2 / 8;

    std::uint8_t bytes[room];
    std::size_t used = 0;
    OSSL_PARAM list[9];
    std::size_t count = 0;
    bool fit = true; // core/ refuses all others before

    ~Numbers() { wipe(bytes, sizeof bytes); }

    void add(const char* name, Bytes big_endian) {
        std::uint8_t* const at = bytes + used;
        fit = fit && big_endian.size() <= room - used;
        if (!fit) return;
        std::reverse_copy(big_endian.begin(), big_endian.end(), at);
        if constexpr (std::endian::native == std::endian::big)
            std::reverse(at, at + big_endian.size());
        used += big_endian.size();
        list[count++] = OSSL_PARAM_construct_BN(name, at, big_endian.size());
    }
};

EVP_PKEY* make(const char* kind, Numbers& numbers) {
    numbers.list[numbers.count] = OSSL_PARAM_construct_end();
    EVP_PKEY* made = nullptr;
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(library_context(), kind, nullptr);
    if (numbers.fit && context != nullptr && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, numbers.list);
    EVP_PKEY_CTX_free(context);
    return made;
}

EVP_PKEY* make_rsa([[maybe_unused]] const x509::PrivateKey& key,
                   [[maybe_unused]] Numbers& numbers) {
#if USSL_RSA
    numbers.add(OSSL_PKEY_PARAM_RSA_N, key.modulus);
    numbers.add(OSSL_PKEY_PARAM_RSA_E, key.public_exponent);
    numbers.add(OSSL_PKEY_PARAM_RSA_D, key.private_exponent);
    numbers.add(OSSL_PKEY_PARAM_RSA_FACTOR1, key.prime1);
    numbers.add(OSSL_PKEY_PARAM_RSA_FACTOR2, key.prime2);
    numbers.add(OSSL_PKEY_PARAM_RSA_EXPONENT1, key.exponent1);
    numbers.add(OSSL_PKEY_PARAM_RSA_EXPONENT2, key.exponent2);
    numbers.add(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, key.coefficient);
    return make("RSA", numbers);
#else
    return nullptr;
#endif
}

// With the certificate's point, whatever the key contains.
EVP_PKEY* make_ec(const x509::PrivateKey& key, const x509::PublicKey& own, Numbers& numbers) {
    char group[] = "P-256";
    if (key.kind == x509::KeyKind::ec_p384) std::memcpy(group, "P-384", sizeof group);
    numbers.list[numbers.count++] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    numbers.list[numbers.count++] = OSSL_PARAM_construct_octet_string(
        OSSL_PKEY_PARAM_PUB_KEY, const_cast<std::uint8_t*>(own.point.data()), own.point.size());
    numbers.add(OSSL_PKEY_PARAM_PRIV_KEY, key.scalar);
    return make("EC", numbers);
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
    Numbers numbers;
    key_.reset(key.kind == x509::KeyKind::rsa ? make_rsa(key, numbers)
                                              : make_ec(key, own, numbers));
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

// OpenSSL keeps one certificate for each kind of key: remove the others.
bool OwnCredential::use(SSL* ssl) const {
    SSL_certs_clear(ssl);
    return SSL_use_cert_and_key(ssl, certificate_.get(), key_.get(), issuers_.get(), 1) == 1;
}

} // namespace ussl::openssl
