/* Mbed TLS's library/ssl_tls12_server.c. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if defined(MBEDTLS_SSL_SRV_C) && defined(MBEDTLS_SSL_PROTO_TLS1_2)

/* Whatever is above TLS 1.2 in a hello without supported_versions, it is answered with TLS 1.2 (RFC
 * 8446, D.2). */
#undef mbedtls_ssl_read_version
#define mbedtls_ssl_read_version(at, transport) ussl_mbedtls_read_version(ssl, at)

/* What a CertificateRequest lists: of a client's signature the library knows SHA-256 and SHA-384.
 */
static int verifies(const mbedtls_ssl_context* ssl, uint16_t algorithm) {
    return MBEDTLS_BYTE_1(algorithm) != MBEDTLS_SSL_HASH_SHA512 &&
           mbedtls_ssl_sig_alg_is_supported(ssl, algorithm);
}
#define mbedtls_ssl_sig_alg_is_supported verifies

#if defined(MBEDTLS_SSL_DTLS_HELLO_VERIFY)

/* HelloVerifyRequest names DTLS 1.0 whatever comes of it (RFC 6347, 4.2.1): the library writes it
 * instead of the ServerHello, with the version of that. */
static void write_version(const mbedtls_ssl_context* ssl, unsigned char* at, int transport,
                          mbedtls_ssl_protocol_version version) {
    mbedtls_ssl_write_version(at, transport, version);
    if (ssl->handshake->cookie_verify_result != 0) MBEDTLS_PUT_UINT16_BE(0xfeff, at, 0);
}
#define mbedtls_ssl_write_version(at, transport, version) write_version(ssl, at, transport, version)

#endif

#if USSL_RECORD_SIZE_LIMIT

static void ssl_write_renegotiation_ext(mbedtls_ssl_context* ssl, unsigned char* at, size_t* size);

/* Behind the first extension of the ServerHello. The library writes its extensions without a look
 * at the room: the buffer has more than they need. */
static void write_first_extensions(mbedtls_ssl_context* ssl, unsigned char* at, size_t* size) {
    ssl_write_renegotiation_ext(ssl, at, size);
    *size += ussl_mbedtls_write_record_size_limit(ssl, ussl_mbedtls_record_size_limit(ssl, 1, 0),
                                                  at + *size,
                                                  ssl->out_msg + MBEDTLS_SSL_OUT_CONTENT_LEN);
}

/* As in ssl_msg.c: the definition, and the call. */
#define ssl_write_renegotiation_ext(argument, at, size) RENEGOTIATION_##argument, at, size)
#define RENEGOTIATION_mbedtls_ssl_context ssl_write_renegotiation_ext(mbedtls_ssl_context
#define RENEGOTIATION_ssl write_first_extensions(ssl

#endif
#endif

#include <../library/ssl_tls12_server.c>
