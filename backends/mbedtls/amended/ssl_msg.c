/* Mbed TLS's library/ssl_msg.c, where the adapter puts messages of the handshake together (see
 * src/message_gatherer.hpp). The library wants the first four bytes of a message in one record, and
 * each message in its record buffer.
 *
 * Its function has a definition and one call in this file. A macro tells them apart by the
 * argument, of which it gets the first word: the former gets another name, the latter is for the
 * adapter. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#undef mbedtls_ssl_prepare_handshake_record
#define mbedtls_ssl_prepare_handshake_record(argument) PREPARE_##argument)
#define PREPARE_mbedtls_ssl_context ussl_mbedtls_prepare_handshake_record(mbedtls_ssl_context
#define PREPARE_ssl ussl_mbedtls_gather_message(ssl

/* Messages of the handshake that are encrypted, and longer than the peer accepts (RFC 8449), are
 * the adapter's to write. The library's function gets another name, and the one here its own. */
#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3

int ussl_mbedtls_write_record(mbedtls_ssl_context* ssl, int flush);

static int write_record(mbedtls_ssl_context* ssl, int flush) {
    int taken = 0;
    if (ssl->out_msgtype == MBEDTLS_SSL_MSG_HANDSHAKE && ssl->transform_out != NULL)
        taken = ussl_mbedtls_take_long_message(ssl, ssl->out_msg, ssl->out_msglen);
    if (taken != 0) return taken < 0 ? taken : 0;
    return ussl_mbedtls_write_record(ssl, flush);
}
int mbedtls_ssl_write_record(mbedtls_ssl_context* ssl, int flush) {
    return write_record(ssl, flush);
}

#undef mbedtls_ssl_write_record
#define mbedtls_ssl_write_record(argument, flush) WRITE_##argument, flush)
#define WRITE_mbedtls_ssl_context ussl_mbedtls_write_record(mbedtls_ssl_context
#define WRITE_ssl write_record(ssl

#endif

#include <../library/ssl_msg.c>
