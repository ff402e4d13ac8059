/* Mbed TLS's library/ssl_client.c. record_size_limit is sent in all versions. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if USSL_P384 || USSL_RSA /* else there is SHA-256 alone, which the library lists */
#undef mbedtls_ssl_write_sig_alg_ext
#define mbedtls_ssl_write_sig_alg_ext ussl_mbedtls_write_signature_algorithms
#endif

#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)

/* The library's client with a session of TLS 1.3 offers no other version, and so fails where the
 * server has but TLS 1.2 by now. Here it offers what the context has. The ticket is for TLS 1.3
 * alone: as one of RFC 5077 it is not sent. */

static int start_hello(mbedtls_ssl_context* ssl, unsigned char type, unsigned char** at,
                       size_t* room) {
    if (ssl->tls_version == MBEDTLS_SSL_VERSION_TLS1_3)
        ssl->handshake->min_tls_version = ssl->conf->min_tls_version;
    return mbedtls_ssl_start_handshake_msg(ssl, type, at, room);
}

static int write_extensions_of_1_2(mbedtls_ssl_context* ssl, unsigned char* at,
                                   const unsigned char* end, int uses_ec, size_t* size) {
    mbedtls_ssl_session* const session = ssl->session_negotiate;
    unsigned char* const ticket = session->ticket;
    const size_t ticket_size = session->ticket_len;
    int code;
    if (session->tls_version == MBEDTLS_SSL_VERSION_TLS1_3) {
        session->ticket = NULL;
        session->ticket_len = 0;
    }
    code = mbedtls_ssl_tls12_write_client_hello_exts(ssl, at, end, uses_ec, size);
    session->ticket = ticket;
    session->ticket_len = ticket_size;
    return code;
}

#undef mbedtls_ssl_start_handshake_msg
#undef mbedtls_ssl_tls12_write_client_hello_exts
#define mbedtls_ssl_start_handshake_msg start_hello
#define mbedtls_ssl_tls12_write_client_hello_exts write_extensions_of_1_2

#endif

#if USSL_RECORD_SIZE_LIMIT && defined(MBEDTLS_SSL_CLI_C)

static int ssl_write_hostname_ext(mbedtls_ssl_context* ssl, unsigned char* at,
                                  const unsigned char* end, size_t* size);

/* Behind the first extension, whose function is called for all versions. */
static int write_first_extensions(mbedtls_ssl_context* ssl, unsigned char* at,
                                  const unsigned char* end, size_t* size) {
    const int code = ssl_write_hostname_ext(ssl, at, end, size);
    const int tls1_2 = ssl->handshake->min_tls_version <= MBEDTLS_SSL_VERSION_TLS1_2;
    const int tls1_3 = ssl->tls_version == MBEDTLS_SSL_VERSION_TLS1_3;
    if (code == 0)
        *size += ussl_mbedtls_write_record_size_limit(
            ssl, ussl_mbedtls_record_size_limit(ssl, tls1_2, tls1_3), at + *size, end);
    return code;
}

/* As in ssl_msg.c: the definition, and the call. */
#define ssl_write_hostname_ext(argument, at, end, size) HOSTNAME_##argument, at, end, size)
#define HOSTNAME_mbedtls_ssl_context ssl_write_hostname_ext(mbedtls_ssl_context
#define HOSTNAME_ssl write_first_extensions(ssl

#endif

#include <../library/ssl_client.c>
