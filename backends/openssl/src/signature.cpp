#include "signature.hpp"

#include "hooks.hpp"
#include "key_numbers.hpp"

#include <openssl/rsa.h>

namespace ussl::openssl {
namespace {

// In the order of HashKind.
constexpr const char* hashes[] = {nullptr, "SHA1", "SHA256", "SHA384", "SHA512"};
static_assert(x509::HashKind{4} == x509::HashKind::sha512);

OwnedKey read_key(const Bytes& info) {
    x509::PublicKey key;
    if (!x509::parse_public_key(info, key)) return nullptr;
    KeyNumbers numbers;
    numbers.add(key);
    return numbers.make_key(key.kind, EVP_PKEY_PUBLIC_KEY);
}

bool verify(EVP_PKEY* key, const x509::Certificate& certificate) {
    const char* const hash = hashes[static_cast<unsigned>(certificate.hash)];
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    bool good = context != nullptr && hash != nullptr &&
                EVP_DigestVerifyInit_ex(context, &options, hash, library_context(), nullptr, key,
                                        nullptr) == 1;
    // RFC 8017, A.2.3 recommends the same hash for both uses.
    if (good && certificate.signature == x509::SignatureKind::rsa_pss)
        good = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_AUTO) == 1;
    good = good &&
           EVP_DigestVerify(context, certificate.signature_value.data(),
                            certificate.signature_value.size(), certificate.to_be_signed.data(),
                            certificate.to_be_signed.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

} // namespace

bool is_signed_by(void*, const Bytes&, const x509::Certificate& certificate,
                  const x509::Certificate& issuer) {
    const OwnedKey key = read_key(issuer.subject_public_key);
    const bool good = key && verify(key.get(), certificate);
    clear_errors(); // an unreadable key or a wrong signature is not one of the operation
    return good;
}

} // namespace ussl::openssl
