#include "own_credential.hpp"

#include "implementations.hpp"
#include "public_key.hpp"

#include "ussl/backend/memory.hpp"
#include "ussl/backend/signing.hpp"
#include "ussl/x509/private_key.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

constexpr std::size_t max_ecdsa_signature = 139; // P-521's, as DER

} // namespace

Err OwnCredential::load(const Credential& credential) {
    chain_ = allocate_for<br_x509_certificate>(credential.chain.size());
    if (chain_ == nullptr) return Err::no_memory;
    for (const Bytes& der : credential.chain)
        chain_[chain_length_++] = {unconst(der), der.size()};

    x509::Certificate certificate{};
    br_x509_pkey own{};
    if (!x509::parse(leaf(), certificate) || !read_public_key(certificate.subject_public_key, own))
        return Err::bad_certificate;
    is_rsa_ = own.key_type == BR_KEYTYPE_RSA;
    signer_ = credential.signer;
    if (signer_.sign != nullptr) return Err::none;

    return load_key(credential.private_key, own);
}

// check_config() has checked the key.
Err OwnCredential::load_key(const Bytes& der, const br_x509_pkey& own) {
    x509::PrivateKey key;
    x509::parse_private_key(der, key);
#if USSL_RSA
    if (is_rsa_) {
        x509::PublicKey modulus;
        modulus.modulus = key.modulus;
        rsa_key_ = {x509::key_bits(modulus),  unconst(key.prime1),    key.prime1.size(),
                    unconst(key.prime2),      key.prime2.size(),      unconst(key.exponent1),
                    key.exponent1.size(),     unconst(key.exponent2), key.exponent2.size(),
                    unconst(key.coefficient), key.coefficient.size()};
        return Err::none;
    }
#endif
    ec_key_ = {own.key.ec.curve, unconst(key.scalar), key.scalar.size()};
    std::uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    const std::size_t size = br_ec_compute_pub(elliptic_curves(), nullptr, point, &ec_key_);
    return equal({point, size}, {own.key.ec.q, own.key.ec.qlen}) ? Err::none : Err::key_mismatch;
}

std::size_t OwnCredential::sign(int hash_id, Bytes digest, MutableBytes signature) const {
    std::uint8_t hash[br_sha512_SIZE];
    if (digest.size() > sizeof hash) return 0;
    std::memcpy(hash, digest.data(), digest.size());
    digest = {hash, digest.size()};
#if USSL_SIGN_CALLBACK
    constexpr bool pads_by_pss = false; // in TLS 1.2
    if (signer_.sign != nullptr) return ask_signer(signer_, leaf(), pads_by_pss, digest, signature);
#endif
    const HashFunction* function = hash_function(hash_id);
    if (function == nullptr) return 0;
#if USSL_RSA
    if (is_rsa_) {
        const std::size_t size = (rsa_key_.n_bitlen + 7) / 8;
        return size <= signature.size() &&
                       br_rsa_pkcs1_sign_get_default()(hash_oid(hash_id), hash, digest.size(),
                                                       &rsa_key_, signature.data()) != 0
                   ? size
                   : 0;
    }
#endif
    if (signature.size() < max_ecdsa_signature) return 0;
    return br_ecdsa_sign_asn1_get_default()(elliptic_curves(), function->implementation, hash,
                                            &ec_key_, signature.data());
}

} // namespace ussl::bearssl
