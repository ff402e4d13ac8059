/* Mbed TLS's library/ssl_ciphersuites.c, which lacks the suites of RFC 8442. They are made of what
 * it has: the key exchange of one suite, and the cipher of another. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "ussl/features.hpp"

#if USSL_ECDHE_PSK

static const mbedtls_ssl_ciphersuite_t* suite_of_library(int number);

/* The function's name may be a macro, with our prefix. */
#pragma push_macro("mbedtls_ssl_ciphersuite_from_id")
#undef mbedtls_ssl_ciphersuite_from_id
#define mbedtls_ssl_ciphersuite_from_id suite_of_library
#include <../library/ssl_ciphersuites.c>
#pragma pop_macro("mbedtls_ssl_ciphersuite_from_id")

#define ECDHE_PSK(number, cipher, hash, flags)                                                     \
    {                                                                                              \
        number, "", cipher, hash, MBEDTLS_KEY_EXCHANGE_ECDHE_PSK, flags,                           \
            MBEDTLS_SSL_VERSION_TLS1_2, MBEDTLS_SSL_VERSION_TLS1_2                                 \
    }

static const mbedtls_ssl_ciphersuite_t of_rfc8442[] = {
    ECDHE_PSK(0xd001, MBEDTLS_CIPHER_AES_128_GCM, MBEDTLS_MD_SHA256, 0),
#if USSL_P384
    ECDHE_PSK(0xd002, MBEDTLS_CIPHER_AES_256_GCM, MBEDTLS_MD_SHA384, 0),
#endif
#if USSL_AES_CCM
    ECDHE_PSK(0xd003, MBEDTLS_CIPHER_AES_128_CCM, MBEDTLS_MD_SHA256, MBEDTLS_CIPHERSUITE_SHORT_TAG),
    ECDHE_PSK(0xd005, MBEDTLS_CIPHER_AES_128_CCM, MBEDTLS_MD_SHA256, 0),
#endif
};

const mbedtls_ssl_ciphersuite_t* mbedtls_ssl_ciphersuite_from_id(int number) {
    for (size_t i = 0; i != sizeof of_rfc8442 / sizeof *of_rfc8442; ++i)
        if (of_rfc8442[i].id == number) return &of_rfc8442[i];
    return suite_of_library(number);
}

#else
#include <../library/ssl_ciphersuites.c>
#endif
