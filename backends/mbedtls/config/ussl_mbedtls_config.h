/* The configuration of mbedTLS (MBEDTLS_CONFIG_FILE) that this project's switches imply: no more of
 * the library than the switches ask for. A value that is wrapped in #ifndef may be set by the
 * build.
 */
#ifndef USSL_MBEDTLS_CONFIG_H
#define USSL_MBEDTLS_CONFIG_H

#include "ussl/features.hpp"

#include <stddef.h>

/* --- The platform: a heap that the host sets, randomness from ussl::Environment, and nothing else:
 * no files, no sockets, no entropy source. --- */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO ussl_mbedtls_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO ussl_mbedtls_free
#ifdef __cplusplus
extern "C" {
#endif
void* ussl_mbedtls_calloc(size_t count, size_t size);
void ussl_mbedtls_free(void* memory);
#ifdef __cplusplus
}
#endif

/* Where there are threads, they may share keys and PSA. */
#if USSL_HOSTED
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD
#endif

/* The clock is ussl::Environment's too. The library only needs it for the age of tickets: core/
 * checks the validity of certificates. */
#if USSL_RESUMPTION
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO long long
#define MBEDTLS_PLATFORM_TIME_MACRO ussl_mbedtls_time
#define MBEDTLS_PLATFORM_MS_TIME_ALT
#ifdef __cplusplus
extern "C" {
#endif
long long ussl_mbedtls_time(long long* seconds);
#ifdef __cplusplus
}
#endif
#endif

/* mbedtls_version_get_string(), for Backend::library_version. */
#define MBEDTLS_VERSION_C

/* --- Assembly and instructions that the processor may have. --- */
#define MBEDTLS_HAVE_ASM
#if defined(__x86_64__) || defined(__amd64__)
#define MBEDTLS_AESNI_C
#endif
#if defined(__aarch64__) && (defined(__clang__) || __GNUC__ >= 6)
#define MBEDTLS_AESCE_C
#if defined(__linux__)
#define MBEDTLS_SHA256_USE_ARMV8_A_CRYPTO_IF_PRESENT
#endif
#endif

/* --- Ciphers. Record protection is AEAD only: decryption by the bare block cipher is not used. ---
 */
#define MBEDTLS_AES_C
/* Where programs run from flash, tables lie in RAM: how long a read of flash takes depends on the
 * one before, and tells of the key to whoever can measure from outside (CVE-2026-115492). 1.3 KB.
 */
#if USSL_HOSTED
#define MBEDTLS_AES_ROM_TABLES
#endif
#if !defined(MBEDTLS_AESNI_C) && !defined(MBEDTLS_AESCE_C)
#define MBEDTLS_AES_FEWER_TABLES
#endif
#if !USSL_P384 /* no suite with AES-256 */
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#endif
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#if USSL_AES_CCM
#define MBEDTLS_CCM_C
#endif
#if USSL_CHACHA20_POLY1305
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#endif

/* --- Hashes. --- */
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#if USSL_SMALL_CODE
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#endif
#if USSL_P384 || USSL_RSA
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#endif
/* In certificates only, and never negotiated: passes only where Policy::check_signature_strength is
 * off. */
#if USSL_SHA1_SIGNATURES
#define MBEDTLS_SHA1_C
#endif

/* --- Elliptic curves and RSA. --- */
#if USSL_CERTIFICATES || USSL_ECDHE_PSK
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#if USSL_CERTIFICATES
#define MBEDTLS_ECDSA_C
#endif
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#if USSL_P384
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#endif
#if USSL_X25519 && USSL_TLS1_3
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#endif
/* amended/ecp.c has doubling and adding of points. It needs reduction as of 3.6.7. */
#if MBEDTLS_VERSION_NUMBER >= 0x03060700
#define MBEDTLS_ECP_INTERNAL_ALT
#define MBEDTLS_ECP_DOUBLE_JAC_ALT
#define MBEDTLS_ECP_ADD_MIXED_ALT
#define MBEDTLS_ECP_NO_FALLBACK
#endif
/* It also reduces modulo secp256r1's prime, in words of 32 bits. 0.8 KB less than two of them. */
#if !defined(MBEDTLS_ECP_INTERNAL_ALT) || USSL_P384 || __SIZEOF_POINTER__ != 4 ||                  \
    defined(__x86_64__)
#define MBEDTLS_ECP_NIST_OPTIM
#endif
#if USSL_SMALL_CODE
#ifndef MBEDTLS_ECP_WINDOW_SIZE
#define MBEDTLS_ECP_WINDOW_SIZE 2
#endif
#ifndef MBEDTLS_ECP_FIXED_POINT_OPTIM
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#endif
#endif
#ifndef MBEDTLS_ECP_WINDOW_SIZE
#define MBEDTLS_ECP_WINDOW_SIZE 4
#endif
#ifndef MBEDTLS_ECP_FIXED_POINT_OPTIM
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 1
#endif
#endif
#if USSL_RSA
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#endif

/* --- Keys and certificates, DER only: core/ reads PEM. --- */
#if USSL_CERTIFICATES
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO
/* Certificates are core/'s business. The library's X.509 is not compiled; the adapter has what the
 * rest of it calls, under names that no other copy of the library in the program has. */
#define mbedtls_x509_crt_profile_default ussl_mbedtls_x509_crt_profile_default
#define mbedtls_x509_crt_profile_suiteb ussl_mbedtls_x509_crt_profile_suiteb
#define mbedtls_x509_crt_init ussl_mbedtls_x509_crt_init
#define mbedtls_x509_crt_free ussl_mbedtls_x509_crt_free
#define mbedtls_x509_crt_parse_der ussl_mbedtls_x509_crt_parse_der
#define mbedtls_x509_crt_parse_der_nocopy ussl_mbedtls_x509_crt_parse_der_nocopy
#define mbedtls_x509_crt_verify_restartable ussl_mbedtls_x509_crt_verify_restartable
#define mbedtls_x509_crt_check_key_usage ussl_mbedtls_x509_crt_check_key_usage
#define mbedtls_x509_crt_check_extended_key_usage ussl_mbedtls_x509_crt_check_extended_key_usage
#endif

/* --- TLS. --- */
#define MBEDTLS_SSL_TLS_C
#if USSL_CLIENT
#define MBEDTLS_SSL_CLI_C
#endif
#if USSL_SERVER
#define MBEDTLS_SSL_SRV_C
#endif
#define MBEDTLS_SSL_PROTO_TLS1_2
#if USSL_CERTIFICATES
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_SERVER_NAME_INDICATION /* the library has it with certificates only */
#endif
#if USSL_RSA
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#endif
#if USSL_PSK
#define MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#define MBEDTLS_PSK_MAX_LEN 48
#endif
#if USSL_ECDHE_PSK
#define MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED
#endif
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_ALL_ALERT_MESSAGES
#if USSL_ALPN
#define MBEDTLS_SSL_ALPN
#endif
#if USSL_RESUMPTION
#define MBEDTLS_SSL_SESSION_TICKETS
#endif
#if USSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#endif
#if USSL_EXPORTER
#define MBEDTLS_SSL_KEYING_MATERIAL_EXPORT
#endif
#if USSL_DTLS
#define MBEDTLS_SSL_PROTO_DTLS
#define MBEDTLS_SSL_DTLS_ANTI_REPLAY
#if USSL_SERVER
#define MBEDTLS_SSL_DTLS_HELLO_VERIFY
#endif
#if USSL_CONNECTION_ID
#define MBEDTLS_SSL_DTLS_CONNECTION_ID
#define MBEDTLS_SSL_DTLS_CONNECTION_ID_COMPAT 0 /* RFC 9146, not a draft of it */
#define MBEDTLS_SSL_CID_IN_LEN_MAX 32           /* max_connection_id */
#define MBEDTLS_SSL_CID_OUT_LEN_MAX 32
#endif
#endif
/* The adapter names the suites itself: the library's own list of all that it has is not needed. */
#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256
#define MBEDTLS_SSL_IN_CONTENT_LEN USSL_RECORD_INPUT
#define MBEDTLS_SSL_OUT_CONTENT_LEN USSL_RECORD_OUTPUT

#if USSL_TLS1_3
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE /* for CertificateVerify */
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#if USSL_PSK || USSL_RESUMPTION
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED
#endif
#if USSL_SERVER && USSL_RESUMPTION
#define MBEDTLS_SSL_EARLY_DATA /* to skip it: none is accepted (RFC 8446, 4.2.10) */
#define MBEDTLS_SSL_MAX_EARLY_DATA_SIZE 16384
#endif
/* The library does the key schedule and the key agreement of TLS 1.3 with its PSA interface. */
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS
#define MBEDTLS_HKDF_C
/* Key slots on the heap, a few at a time, instead of 32 in static memory. */
#define MBEDTLS_PSA_KEY_STORE_DYNAMIC
#define MBEDTLS_PSA_KEY_SLOT_COUNT 1
#if USSL_RSA
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT
#define MBEDTLS_PK_WRITE_C
#endif
#endif

#endif
