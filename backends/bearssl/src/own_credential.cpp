#include "own_credential.hpp"

#include "implementations.hpp"
#include "memory.hpp"
#include "public_key.hpp"

#include "ussl/environment.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

constexpr std::size_t max_ecdsa_signature = 139; // of P-521, as DER

#if USSL_RSA
Bytes without_leading_zeros(Bytes number) {
    while (!number.empty() && number.front() == 0)
        number = number.subspan(1);
    return number;
}

constexpr std::size_t max_rsa_modulus = 512; // bytes: RSA-4096, BearSSL's own limit
#endif

bool belongs_to(const br_rsa_private_key& key, const br_rsa_public_key& own) {
#if USSL_RSA
    const Bytes expected = without_leading_zeros({own.n, own.nlen});
    const auto compute = br_rsa_compute_modulus_get_default();
    const std::size_t size = compute(nullptr, &key);
    std::uint8_t modulus[max_rsa_modulus];
    if (size != expected.size() || size > sizeof modulus) return false;
    return compute(modulus, &key) == size && equal({modulus, size}, expected);
#else
    static_cast<void>(key), static_cast<void>(own);
    return false;
#endif
}

bool belongs_to(const br_ec_private_key& key, const br_ec_public_key& own) {
    std::uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    br_ec_public_key computed;
    return key.curve == own.curve &&
           br_ec_compute_pub(elliptic_curves(), &computed, point, &key) != 0 &&
           equal({computed.q, computed.qlen}, {own.q, own.qlen});
}

#if USSL_SIGN_CALLBACK
SignatureScheme scheme_of(int hash_id, bool rsa) {
    switch (hash_id) {
    case br_sha256_ID:
        return rsa ? SignatureScheme::rsa_pkcs1_sha256 : SignatureScheme::ecdsa_sha256;
    case br_sha384_ID:
        return rsa ? SignatureScheme::rsa_pkcs1_sha384 : SignatureScheme::ecdsa_sha384;
    default: return rsa ? SignatureScheme::rsa_pkcs1_sha512 : SignatureScheme::ecdsa_sha512;
    }
}
#endif

} // namespace

OwnCredential::~OwnCredential() {
    if (key_ != nullptr) wipe({reinterpret_cast<std::uint8_t*>(key_), sizeof *key_});
    ussl::release(key_);
    ussl::release(chain_);
}

Err OwnCredential::load(const Credential& credential) {
    chain_ = allocate<br_x509_certificate>(credential.chain.size());
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

    key_ = allocate<br_skey_decoder_context>(1);
    if (key_ == nullptr) return Err::no_memory;
    br_skey_decoder_init(key_);
    br_skey_decoder_push(key_, credential.private_key.data(), credential.private_key.size());
    if (br_skey_decoder_last_error(key_) != 0) return Err::bad_private_key;
    return check_key_pair(own);
}

Err OwnCredential::check_key_pair(const br_x509_pkey& own) const {
    if (own.key_type != br_skey_decoder_key_type(key_)) return Err::key_mismatch;
    const bool fits = is_rsa_ ? belongs_to(*br_skey_decoder_get_rsa(key_), own.key.rsa)
                              : belongs_to(*br_skey_decoder_get_ec(key_), own.key.ec);
    return fits ? Err::none : Err::key_mismatch;
}

std::size_t OwnCredential::sign(int hash_id, Bytes digest, MutableBytes signature) const {
    std::uint8_t hash[br_sha512_SIZE];
    if (digest.size() > sizeof hash) return 0;
    std::memcpy(hash, digest.data(), digest.size());
    digest = {hash, digest.size()};
    if (key_ == nullptr) return ask_signer(hash_id, digest, signature);
    const HashFunction* function = hash_function(hash_id);
    if (function == nullptr) return 0;
#if USSL_RSA
    if (is_rsa_) {
        const br_rsa_private_key& key = *br_skey_decoder_get_rsa(key_);
        const std::size_t size = (key.n_bitlen + 7) / 8;
        return size <= signature.size() &&
                       br_rsa_pkcs1_sign_get_default()(hash_oid(hash_id), hash, digest.size(), &key,
                                                       signature.data()) != 0
                   ? size
                   : 0;
    }
#endif
    if (signature.size() < max_ecdsa_signature) return 0;
    return br_ecdsa_sign_asn1_get_default()(elliptic_curves(), function->implementation, hash,
                                            br_skey_decoder_get_ec(key_), signature.data());
}

std::size_t OwnCredential::ask_signer(int hash_id, Bytes digest, MutableBytes signature) const {
#if USSL_SIGN_CALLBACK
    std::size_t size = 0;
    const bool signed_it =
        signer_.sign(signer_.user, scheme_of(hash_id, is_rsa_), digest, signature, &size);
    return signed_it && size <= signature.size() ? size : 0;
#else
    static_cast<void>(hash_id), static_cast<void>(digest), static_cast<void>(signature);
    return 0;
#endif
}

} // namespace ussl::bearssl
