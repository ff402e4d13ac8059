#include "own_credential.hpp"

#include "ussl/features.hpp"

#if USSL_CERTIFICATES

#include "certificates.hpp"
#include "errors.hpp"
#include "hooks.hpp"

#include "ussl/backend/signing.hpp"
#include "ussl/backend/wire.hpp"
#include "ussl/mbedtls.hpp"
#include "ussl/x509/private_key.hpp"

#include <cstring>
#include <utility>
#if USSL_SIGN_CALLBACK
// The library has no public interface for external ECDSA keys, apart from PSA drivers.
#include <../library/pk_wrap.h>
#endif

namespace ussl::mbedtls {
namespace {

// If so the library cannot read it, not even as an own certificate.
bool is_signed_with_rsa_pss(Bytes certificate) {
    if (capabilities.rsa_pss_certificates || !capabilities.rsa) return false;
    x509::Certificate own{};
    return x509::parse(certificate, own) && own.signature == x509::SignatureKind::rsa_pss;
}

#if USSL_RSA
int import(const x509::PrivateKey& own, mbedtls_rsa_context& key) {
    const Bytes &n = own.modulus, &p = own.prime1, &q = own.prime2, &d = own.private_exponent,
                &e = own.public_exponent;
    int code = mbedtls_rsa_import_raw(&key, n.data(), n.size(), p.data(), p.size(), q.data(),
                                      q.size(), d.data(), d.size(), e.data(), e.size());
    // The library has no function to set these, and would compute them.
    const std::pair<mbedtls_mpi*, const Bytes*> others[] = {
        {&key.MBEDTLS_PRIVATE(DP), &own.exponent1},
        {&key.MBEDTLS_PRIVATE(DQ), &own.exponent2},
        {&key.MBEDTLS_PRIVATE(QP), &own.coefficient}};
    for (const auto& [number, bytes] : others)
        if (code == 0) code = mbedtls_mpi_read_binary(number, bytes->data(), bytes->size());
    return code == 0 ? mbedtls_rsa_complete(&key) : code;
}
#endif

// With the certificate's point.
int import(const x509::PrivateKey& own, const mbedtls_ecp_keypair& certified,
           mbedtls_ecp_keypair& key) {
    const int code = mbedtls_ecp_read_key(certified.MBEDTLS_PRIVATE(grp).id, &key,
                                          own.scalar.data(), own.scalar.size());
    return code == 0 ? mbedtls_ecp_copy(&key.MBEDTLS_PRIVATE(Q), &certified.MBEDTLS_PRIVATE(Q))
                     : code;
}

#if USSL_SIGN_CALLBACK
constexpr int no_signature = MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE;
#endif

} // namespace

OwnCredential::OwnCredential() {
    mbedtls_pk_init(&key_);
    mbedtls_x509_crt_init(&chain_);
}

OwnCredential::~OwnCredential() {
    mbedtls_pk_free(&key_);
    mbedtls_x509_crt_free(&chain_);
    ussl::release(signing_);
}

Err OwnCredential::read(const Credential& credential, const Environment& environment) {
    const Err error = read_chain(credential.chain);
    if (error != Err::none) return error;
    if (credential.signer.sign != nullptr)
        return use_signer(credential.chain.front(), credential.signer);
    return read_key(credential.private_key, const_cast<Environment*>(&environment));
}

Err OwnCredential::read_chain(std::span<const Bytes> certificates) {
    // RFC 5246, 7.4.2 and RFC 8446, 4.4.2: the message's header and, for each certificate, its
    // length and (TLS 1.3) its extensions. The library sends the message in one record.
    std::size_t message_size = 4 + 1 + 3;
    for (const Bytes& certificate : certificates) {
        message_size += 3 + certificate.size() + 2;
        // In place: ContextConfig keeps certificates valid until close().
        const int code = add_own_certificate(chain_, certificate);
        if (code != 0)
            return material_error(code, is_signed_with_rsa_pss(certificate) ? Err::unsupported
                                                                            : Err::bad_certificate);
    }
    if (message_size > MBEDTLS_SSL_OUT_CONTENT_LEN) return Err::unsupported;
    return Err::none;
}

// check_config() has checked the key: only memory can be missing here.
Err OwnCredential::read_key(const Bytes& der, void* random) {
    x509::PrivateKey own;
    x509::parse_private_key(der, own);
    const mbedtls_pk_type_t type = mbedtls_pk_get_type(&chain_.pk);
    int code = mbedtls_pk_setup(&key_, mbedtls_pk_info_from_type(type));
#if USSL_RSA
    if (code == 0 && type == MBEDTLS_PK_RSA) code = import(own, *mbedtls_pk_rsa(key_));
#endif
    if (code == 0 && type == MBEDTLS_PK_ECKEY)
        code = import(own, *mbedtls_pk_ec(chain_.pk), *mbedtls_pk_ec(key_));
    if (code != 0) return material_error(code, Err::internal);
    if (type == MBEDTLS_PK_ECKEY)
        code = mbedtls_pk_check_pair(&chain_.pk, &key_, random_bytes, random);
    return code == 0 ? Err::none : material_error(code, Err::key_mismatch);
}

std::uint16_t OwnCredential::choose_signature(Bytes list) const {
    const bool rsa = mbedtls_pk_get_type(&key_) == MBEDTLS_PK_RSA;
    for (WireReader each(list); !each.at_end();) {
        const std::uint32_t algorithm = each.number(2);
        switch (algorithm) {
        case MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256:
#if USSL_P384
        case MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384:
#endif
#if USSL_P384 || USSL_RSA
        case MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512: // in TLS 1.2 the curve is open
#endif
            if (!rsa) return static_cast<std::uint16_t>(algorithm);
            break;
#if USSL_RSA
        case MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256:
        case MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384:
        case MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512:
#if USSL_TLS1_3
        case MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256:
        case MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384:
        case MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512:
#endif
            if (rsa) return static_cast<std::uint16_t>(algorithm);
            break;
#endif
        default: break;
        }
    }
    return 0;
}

int OwnCredential::sign(mbedtls_pk_type_t kind, mbedtls_md_type_t hash, Bytes digest,
                        MutableBytes room, std::size_t& size, const Environment& environment) {
#if USSL_SIGN_CALLBACK
    if (signing_ != nullptr) return ask(kind == MBEDTLS_PK_RSASSA_PSS, digest, room, size);
#endif
    return mbedtls_pk_sign_ext(kind, &key_, hash, digest.data(), digest.size(), room.data(),
                               room.size(), &size, random_bytes,
                               const_cast<Environment*>(&environment));
}

#if USSL_SIGN_CALLBACK

// Makes a key of the certificate's public key that signs by calling the signer.
Err OwnCredential::use_signer(Bytes certificate, const Signer& signer) {
    x509::Certificate own{};
    if (!x509::parse(certificate, own)) return Err::bad_certificate;
    // Not const, but the library only reads it.
    const Bytes info = own.subject_public_key;
    auto* at = const_cast<unsigned char*>(info.data());
    const int code = mbedtls_pk_parse_subpubkey(&at, info.data() + info.size(), &key_);
    if (code != 0) return material_error(code, Err::bad_certificate);
    signing_ = ussl::allocate(sizeof(mbedtls_pk_info_t));
    if (signing_ == nullptr) return Err::no_memory;
    auto* table = static_cast<mbedtls_pk_info_t*>(signing_);
    const mbedtls_pk_info_t*& used = key_.MBEDTLS_PRIVATE(pk_info);
    std::memcpy(signing_, used, sizeof *table);
    table->sign_func = on_sign;
    used = table;
    signer_ = signer;
    return Err::none;
}

int OwnCredential::ask(bool pads_by_pss, Bytes digest, MutableBytes room, std::size_t& size) const {
    size = ask_signer(signer_, {chain_.raw.p, chain_.raw.len}, pads_by_pss, digest, room);
    return size != 0 ? 0 : no_signature;
}

// TLS 1.3, ECDSA only: for RSASSA-PSS, which RSA needs there (RFC 8446, 4.2.3), the library calls
// no function of the key.
int OwnCredential::on_sign(mbedtls_pk_context* key, mbedtls_md_type_t, const unsigned char* digest,
                           std::size_t digest_size, unsigned char* signature, std::size_t room,
                           std::size_t* size, int (*)(void*, unsigned char*, std::size_t), void*) {
    return of(key).ask(false, {digest, digest_size}, {signature, room}, *size);
}

#else

Err OwnCredential::use_signer(Bytes, const Signer&) { return Err::unsupported; }

#endif

} // namespace ussl::mbedtls

#endif
