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

#include <../library/ssl_msg.c>
