// wolfSSL's src/tls.c. It refuses a ClientHello with a ticket longer than wolfSSL's own, some 230
// bytes. Most other servers' tickets are longer, and a client keeps one even if the server behind a
// name changes. Here a ticket of any size is passed on to decryption (DoDecryptTicket()), where it
// is simply unknown, as RFC 5077, 3.4 and RFC 8446, 4.2.11 demand.
#include "without_certificates.h"

// All structures sized by these two macros are declared above, so changing the macros here affects
// code only.
#ifdef SESSION_TICKET_LEN
#undef SESSION_TICKET_LEN
#define SESSION_TICKET_LEN 65535
#endif
#ifdef NO_PSK // otherwise the file has buffers of this size
#undef MAX_PSK_ID_LEN
#define MAX_PSK_ID_LEN 65535
#endif

// Passes on server names of any length for ussl::choose_credential(), and whole: a NUL, which would
// end the name for wolfSSL, becomes another byte that no name may have.
#undef WOLFSSL_HOST_NAME_MAX
#define WOLFSSL_HOST_NAME_MAX 65536
static void copy_server_name(char* to, const char* from, word16 size) {
    for (word16 i = 0; i < size; ++i)
        to[i] = from[i] != '\0' ? from[i] : '\1';
}
#undef XSTRNCPY // the file uses it only for that
#define XSTRNCPY copy_server_name

#include "x25519.h"

#include "src/tls.c"
