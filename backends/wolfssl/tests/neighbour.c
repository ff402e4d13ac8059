/* The system's wolfSSL, for a program that holds ours too: see neighbours.cpp. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/hash.h>

#include <string.h>

#include "foreign.h"

static int send_bytes(WOLFSSL* session, char* bytes, int count, void* to) {
    (void)session;
    foreign_sent(to, (const unsigned char*)bytes, (size_t)count);
    return count;
}

static int receive_nothing(WOLFSSL* session, char* bytes, int count, void* from) {
    (void)session, (void)bytes, (void)count, (void)from;
    return WOLFSSL_CBIO_ERR_WANT_READ;
}

const char* foreign_works(unsigned char digest[32], struct foreign_flight* flight) {
    WOLFSSL_CTX* context;
    WOLFSSL* session;
    if (wc_Sha256Hash((const unsigned char*)"abc", 3, digest) != 0) return "no digest";
    if (wolfSSL_Init() != WOLFSSL_SUCCESS) return "no library";
    context = wolfSSL_CTX_new(wolfTLSv1_2_client_method());
    if (context == NULL) return "no context";
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, NULL);
    wolfSSL_CTX_SetIOSend(context, send_bytes);
    wolfSSL_CTX_SetIORecv(context, receive_nothing);
    session = wolfSSL_new(context);
    if (session == NULL) return "no session";
    wolfSSL_SetIOWriteCtx(session, flight);
    if (wolfSSL_connect(session) == WOLFSSL_SUCCESS ||
        wolfSSL_get_error(session, 0) != WOLFSSL_ERROR_WANT_READ)
        return "no handshake";
    wolfSSL_free(session);
    wolfSSL_CTX_free(context);
    wolfSSL_Cleanup();
    /* What the header is of, and what was linked. */
    return strcmp(wolfSSL_lib_version(), LIBWOLFSSL_VERSION_STRING) == 0 ? NULL : "another version";
}
