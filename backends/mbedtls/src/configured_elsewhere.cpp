// Checks whether a Mbed TLS with somebody else's configuration can do what this build needs: Meson
// compiles it for the system's, CMake for the target in USSL_LIBRARY_TARGET. The compiler's errors
// name what is missing.
#include "ussl/features.hpp"

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER < 0x03060000 || MBEDTLS_VERSION_NUMBER >= 0x04000000
#error "Mbed TLS 3.6 is wanted"
#endif

#if !defined(MBEDTLS_SSL_PROTO_TLS1_2) || !defined(MBEDTLS_SSL_ALL_ALERT_MESSAGES) ||              \
    !defined(MBEDTLS_SSL_EXTENDED_MASTER_SECRET) || !defined(MBEDTLS_GCM_C) ||                     \
    !defined(MBEDTLS_ECP_DP_SECP256R1_ENABLED)
#error "Mbed TLS lacks TLS 1.2, its alerts, GCM or secp256r1"
#endif
#if USSL_CERTIFICATES && (!defined(MBEDTLS_SSL_SERVER_NAME_INDICATION) ||                          \
                          !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED))
#error "Mbed TLS lacks server names or ECDHE-ECDSA, for USSL_CERTIFICATES"
#endif
// Several threads may share contexts.
#if USSL_HOSTED && !defined(MBEDTLS_THREADING_C)
#error "Mbed TLS lacks MBEDTLS_THREADING_C, for USSL_HOSTED"
#endif
#if USSL_CLIENT && !defined(MBEDTLS_SSL_CLI_C)
#error "Mbed TLS lacks MBEDTLS_SSL_CLI_C, for USSL_CLIENT"
#endif
#if USSL_SERVER && !defined(MBEDTLS_SSL_SRV_C)
#error "Mbed TLS lacks MBEDTLS_SSL_SRV_C, for USSL_SERVER"
#endif
#if USSL_TLS1_3 &&                                                                                 \
    (!defined(MBEDTLS_SSL_PROTO_TLS1_3) || !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE) ||          \
     !defined(MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE) ||                                            \
     !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED))
#error "Mbed TLS lacks TLS 1.3, its ephemeral keys or compatibility mode, for USSL_TLS1_3"
#endif
#if USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION) &&                                                \
    !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED)
#error "Mbed TLS lacks PSKs in TLS 1.3, for USSL_PSK and USSL_RESUMPTION"
#endif
#if USSL_TLS1_3 && USSL_X25519 && !defined(MBEDTLS_ECP_DP_CURVE25519_ENABLED)
#error "Mbed TLS lacks MBEDTLS_ECP_DP_CURVE25519_ENABLED, for USSL_X25519"
#endif
#if USSL_RSA && (!defined(MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED) || !defined(MBEDTLS_SHA512_C))
#error "Mbed TLS lacks ECDHE-RSA or SHA-512, for USSL_RSA"
#endif
#if USSL_P384 && (!defined(MBEDTLS_ECP_DP_SECP384R1_ENABLED) || !defined(MBEDTLS_SHA384_C))
#error "Mbed TLS lacks secp384r1 or SHA-384, for USSL_P384"
#endif
#if USSL_AES_CCM && !defined(MBEDTLS_CCM_C)
#error "Mbed TLS lacks MBEDTLS_CCM_C, for USSL_AES_CCM"
#endif
#if USSL_CHACHA20_POLY1305 && !defined(MBEDTLS_CHACHAPOLY_C)
#error "Mbed TLS lacks MBEDTLS_CHACHAPOLY_C, for USSL_CHACHA20_POLY1305"
#endif
#if USSL_ALPN && !defined(MBEDTLS_SSL_ALPN)
#error "Mbed TLS lacks MBEDTLS_SSL_ALPN, for USSL_ALPN"
#endif
#if USSL_PSK && !defined(MBEDTLS_KEY_EXCHANGE_PSK_ENABLED)
#error "Mbed TLS lacks the key exchange PSK, for USSL_PSK"
#endif
#if USSL_ECDHE_PSK && !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED)
#error "Mbed TLS lacks the key exchange ECDHE-PSK, for USSL_ECDHE_PSK"
#endif
#if USSL_DTLS && (!defined(MBEDTLS_SSL_PROTO_DTLS) || !defined(MBEDTLS_SSL_DTLS_ANTI_REPLAY))
#error "Mbed TLS lacks DTLS without replays, for USSL_DTLS"
#endif
#if USSL_DTLS && USSL_SERVER && !defined(MBEDTLS_SSL_DTLS_HELLO_VERIFY)
#error "Mbed TLS lacks DTLS with cookies, for USSL_DTLS and USSL_SERVER"
#endif
#if USSL_RESUMPTION && !defined(MBEDTLS_SSL_SESSION_TICKETS)
#error "Mbed TLS lacks MBEDTLS_SSL_SESSION_TICKETS, for USSL_RESUMPTION"
#endif
#if USSL_MAX_FRAGMENT_LENGTH && !defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH)
#error "Mbed TLS lacks MBEDTLS_SSL_MAX_FRAGMENT_LENGTH, for USSL_MAX_FRAGMENT_LENGTH"
#endif
#if USSL_EXPORTER && !defined(MBEDTLS_SSL_KEYING_MATERIAL_EXPORT)
#error "Mbed TLS lacks MBEDTLS_SSL_KEYING_MATERIAL_EXPORT, for USSL_EXPORTER"
#endif
#if USSL_SHA1_SIGNATURES && !defined(MBEDTLS_SHA1_C)
#error "Mbed TLS lacks MBEDTLS_SHA1_C, for USSL_SHA1_SIGNATURES"
#endif
#if USSL_SIGN_CALLBACK && !__has_include(<../library/pk_wrap.h>)
#error "Mbed TLS lacks its own library/pk_wrap.h, for USSL_SIGN_CALLBACK"
#endif
// The library's record buffers must have the requested size, not a larger one.
#if MBEDTLS_SSL_IN_CONTENT_LEN != USSL_RECORD_INPUT ||                                             \
    MBEDTLS_SSL_OUT_CONTENT_LEN != USSL_RECORD_OUTPUT
#error "Mbed TLS has other sizes of records than USSL_RECORD_INPUT and USSL_RECORD_OUTPUT"
#endif
