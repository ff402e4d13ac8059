/* Mbed TLS's library/ssl_client.c, whose client with a session of TLS 1.3 offers no other version,
 * and so fails where the server has but TLS 1.2 by now. Here it offers what the context has. The
 * ticket is for TLS 1.3 alone: as one of RFC 5077 it is not sent. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#if defined(MBEDTLS_SSL_PROTO_TLS1_3) && defined(MBEDTLS_SSL_SESSION_TICKETS)

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

#include <../library/ssl_client.c>
