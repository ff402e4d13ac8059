#include "certificates.hpp"

#include "ussl/features.hpp"

#if USSL_CERTIFICATES

#include "ussl/x509/certificate.hpp"

#include <mbedtls/platform.h>

// A system's Mbed TLS has x509_crt.c. Our copy is compiled without: these functions replace it.
#ifdef USSL_MBEDTLS_CONFIG_H

namespace ussl::mbedtls {
namespace {

constexpr int version_3 = 3; // 0: a structure without a certificate yet

int read_key(mbedtls_x509_crt& certificate, Bytes der) {
    const Bytes info = x509::readable_public_key_of(der);
    if (info.empty()) return MBEDTLS_ERR_X509_INVALID_FORMAT;
    // Not const, but the library only reads it.
    auto* at = const_cast<unsigned char*>(info.data());
    const int code = mbedtls_pk_parse_subpubkey(&at, info.data() + info.size(), &certificate.pk);
    if (code == 0) certificate.version = version_3;
    return code;
}

mbedtls_x509_buf view_of(Bytes bytes) {
    return {0, bytes.size(), const_cast<unsigned char*>(bytes.data())};
}

} // namespace

int add_own_certificate(mbedtls_x509_crt& chain, Bytes der) {
    mbedtls_x509_crt* last = &chain;
    if (chain.version != 0) {
        while (last->next != nullptr)
            last = last->next;
        last->next = static_cast<mbedtls_x509_crt*>(mbedtls_calloc(1, sizeof *last));
        last = last->next;
        if (last == nullptr) return MBEDTLS_ERR_X509_ALLOC_FAILED;
        last->version = version_3;
    }
    last->raw = view_of(der);
    return last == &chain ? read_key(chain, der) : 0;
}

} // namespace ussl::mbedtls

using ussl::Bytes;

extern "C" {

const mbedtls_x509_crt_profile mbedtls_x509_crt_profile_default{};
const mbedtls_x509_crt_profile mbedtls_x509_crt_profile_suiteb{};

void mbedtls_x509_crt_init(mbedtls_x509_crt* certificate) { *certificate = {}; }

void mbedtls_x509_crt_free(mbedtls_x509_crt* chain) {
    if (chain == nullptr) return;
    mbedtls_pk_free(&chain->pk);
    for (mbedtls_x509_crt* at = chain->next; at != nullptr;) {
        mbedtls_x509_crt* const next = at->next;
        mbedtls_free(at);
        at = next;
    }
    *chain = {};
}

// Appends a certificate of the peer. The session judges all of them, and reads them in the
// library's buffer.
int mbedtls_x509_crt_parse_der(mbedtls_x509_crt* chain, const unsigned char* der,
                               std::size_t size) {
    return chain->version != 0 ? 0 : ussl::mbedtls::read_key(*chain, {der, size});
}

// Here the library also computes a digest of the first one, and reads its key once more.
int mbedtls_x509_crt_parse_der_nocopy(mbedtls_x509_crt* chain, const unsigned char* der,
                                      std::size_t size) {
    if (chain->version != 0) return 0;
    const Bytes certificate(der, size);
    chain->raw = ussl::mbedtls::view_of(certificate);
    chain->pk_raw = ussl::mbedtls::view_of(ussl::x509::readable_public_key_of(certificate));
    return ussl::mbedtls::read_key(*chain, certificate);
}

// The library's opinion of certificates is not used.
int mbedtls_x509_crt_verify_restartable(mbedtls_x509_crt*, mbedtls_x509_crt*, mbedtls_x509_crl*,
                                        const mbedtls_x509_crt_profile*, const char*,
                                        std::uint32_t* flags,
                                        int (*)(void*, mbedtls_x509_crt*, int, std::uint32_t*),
                                        void*, mbedtls_x509_crt_restart_ctx*) {
    *flags = 0;
    return 0;
}

int mbedtls_x509_crt_check_key_usage(const mbedtls_x509_crt*, unsigned int) { return 0; }

int mbedtls_x509_crt_check_extended_key_usage(const mbedtls_x509_crt*, const char*, std::size_t) {
    return 0;
}
}

#else

#include <mbedtls/oid.h> // MBEDTLS_X509_EXT_* stand for names of this header

namespace ussl::mbedtls {
namespace {

// Critical extensions that the library does not know: the peer decides about them.
int any_extension(void*, const mbedtls_x509_crt*, const mbedtls_x509_buf*, int,
                  const unsigned char*, const unsigned char*) {
    return 0;
}

} // namespace

int add_own_certificate(mbedtls_x509_crt& chain, Bytes der) {
    constexpr int copy = 0;
    const int code = mbedtls_x509_crt_parse_der_with_ext_cb(&chain, der.data(), der.size(), copy,
                                                            any_extension, nullptr);
    // The peer decides whether the own certificate may be used. The library would not send one
    // whose key usage forbids it, and report that there is no suite in common.
    constexpr int usages = MBEDTLS_X509_EXT_KEY_USAGE | MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE;
    chain.MBEDTLS_PRIVATE(ext_types) &= ~usages;
    return code;
}

} // namespace ussl::mbedtls

#endif

#endif
