// wolfSSL's src/tls.c, which refuses a ClientHello with a ticket longer than wolfSSL's own are, some
// 230 bytes. Most other servers' are longer, and a client keeps one when the server behind a name
// changes. Here a ticket of any size comes to where it is decrypted (DoDecryptTicket()), and there
// it is one that is not known, as RFC 5077, 3.4 and RFC 8446, 4.2.11 have it.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#endif
#include <wolfssl/internal.h>

// What is laid out by these two is laid out by now.
#ifdef SESSION_TICKET_LEN
#undef SESSION_TICKET_LEN
#define SESSION_TICKET_LEN 65535
#endif
#ifdef NO_PSK // else the file has buffers of this size
#undef MAX_PSK_ID_LEN
#define MAX_PSK_ID_LEN 65535
#endif

// A server name of any length comes to where it is judged (ussl::choose_credential()), and whole:
// a NUL, which would be its end to wolfSSL, becomes another byte that no name may have.
#undef WOLFSSL_HOST_NAME_MAX
#define WOLFSSL_HOST_NAME_MAX 65536
static void copy_server_name(char* to, const char* from, word16 size) {
    for (word16 i = 0; i < size; ++i)
        to[i] = from[i] != '\0' ? from[i] : '\1';
}
#undef XSTRNCPY // the file has it for nothing else
#define XSTRNCPY copy_server_name

#include "x25519.h"

#include "src/tls.c"
