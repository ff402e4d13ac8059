/* Mbed TLS's library/ssl_tls13_server.c, with more patience for what RFC 8446 has a server ignore.
 */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if defined(MBEDTLS_SSL_SRV_C) && defined(MBEDTLS_SSL_PROTO_TLS1_3)

/* A client's first field says TLS 1.2 or, of a client that does not keep to the RFC, more (4.1.2):
 * supported_versions counts. */
#undef mbedtls_ssl_read_version
#define mbedtls_ssl_read_version(at, transport) ussl_mbedtls_read_version(ssl, at)

/* Behind 20 algorithms, known or not, the library sees no others (4.2.3). */
#undef mbedtls_ssl_parse_sig_alg_ext
#define mbedtls_ssl_parse_sig_alg_ext ussl_mbedtls_parse_signature_algorithms

#if defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_SOME_PSK_ENABLED)

/* There may be modes that nobody knows (4.2.9; RFC 8701, 3.1). */
static int read_key_exchange_modes(mbedtls_ssl_context* ssl, const unsigned char* at,
                                   const unsigned char* end) {
    int modes = 0;
    if (at == end || *at == 0 || (size_t)(end - at) != 1u + *at) {
        MBEDTLS_SSL_PEND_FATAL_ALERT(MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR,
                                     MBEDTLS_ERR_SSL_DECODE_ERROR);
        return MBEDTLS_ERR_SSL_DECODE_ERROR;
    }
    while (++at != end) {
        if (*at == MBEDTLS_SSL_TLS1_3_PSK_MODE_PURE)
            modes |= MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK;
        else if (*at == MBEDTLS_SSL_TLS1_3_PSK_MODE_ECDHE)
            modes |= MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL;
    }
    ssl->handshake->tls13_kex_modes = modes;
    return 0;
}

/* As in ssl_msg.c: the definition, which is not called any more, and the call. */
#define ssl_tls13_parse_key_exchange_modes_ext(argument, at, end) MODES_##argument, at, end)
#define MODES_mbedtls_ssl_context                                                                  \
    ssl_tls13_parse_key_exchange_modes_unused(mbedtls_ssl_context
#define MODES_ssl read_key_exchange_modes(ssl

#endif

#if USSL_RECORD_SIZE_LIMIT

static int ssl_tls13_write_encrypted_extensions_body(mbedtls_ssl_context* ssl, unsigned char* at,
                                                     unsigned char* end, size_t* size);

/* The list of extensions, behind its length, is all that the message has. */
static int write_encrypted_extensions(mbedtls_ssl_context* ssl, unsigned char* at,
                                      unsigned char* end, size_t* size) {
    const int code = ssl_tls13_write_encrypted_extensions_body(ssl, at, end, size);
    if (code != 0) return code;
    *size += ussl_mbedtls_write_record_size_limit(ssl, ussl_mbedtls_record_size_limit(ssl, 0, 1),
                                                  at + *size, end);
    MBEDTLS_PUT_UINT16_BE(*size - 2, at, 0);
    return 0;
}

/* As above. */
#define ssl_tls13_write_encrypted_extensions_body(argument, at, end, size)                         \
    EXTENSIONS_##argument, at, end, size)
#define EXTENSIONS_mbedtls_ssl_context ssl_tls13_write_encrypted_extensions_body(mbedtls_ssl_context
#define EXTENSIONS_ssl write_encrypted_extensions(ssl

#endif
#endif

#include <../library/ssl_tls13_server.c>
