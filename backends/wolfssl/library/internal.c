// wolfSSL's src/internal.c, which wants the header of a handshake message in one record, and a
// message that comes after the handshake as a whole (RFC 8446, 5.1 has no such rule). The adapter
// gathers messages from records instead, in place of two functions of wolfSSL's.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#endif
#include <wolfssl/internal.h>

int ussl_wolfssl_take_message(WOLFSSL* ssl, byte* input, word32* at, word32 end);
int ussl_wolfssl_take_message_1_3(WOLFSSL* ssl, byte* input, word32* at, word32 end);

// RFC 5077, 3.4: a server that does not take a ticket may name a session of its own, and shakes
// hands fully. wolfSSL's client calls that a message out of order, but in builds for one program.
#define WOLFSSL_WPAS

#define DoTls13HandShakeMsg ussl_wolfssl_take_message_1_3 // src/tls13.c's, called here only
// The other is called here once, with `ssl`; its own definition begins with `WOLFSSL* ssl`.
#define DoHandShakeMsg(first, input, at, end) USSL_FIRST_##first, input, at, end)
#define USSL_FIRST_WOLFSSL DoHandShakeMsg_(WOLFSSL
#define USSL_FIRST_ssl ussl_wolfssl_take_message(ssl

// A peer's certificates are core's to read, for TLS 1.2 here and for 1.3 in src/tls13.c:
// ProcessPeerCerts() is the adapter's. That of this file, and all that it alone calls, drops out.
static int take_certificates(WOLFSSL* ssl, byte* input, word32* at, word32 size) {
    return ProcessPeerCerts(ssl, input, at, size);
}
#undef ProcessPeerCerts // a prefix, which the one above has
#define ProcessPeerCerts(first, input, at, size) USSL_PEER_##first, input, at, size)
#define USSL_PEER_WOLFSSL static __attribute__((unused)) ProcessPeerCerts_(WOLFSSL
#define USSL_PEER_ssl take_certificates(ssl

#include "x25519.h"

// Of two ClientHellos both have their extensions in one order (RFC 6347, 4.2.1 has the second
// repeat the first), but wolfSSL puts a ticket in front each time that it adds one.
#if defined(HAVE_SESSION_TICKET) && !defined(NO_WOLFSSL_CLIENT)
static int use_session_ticket(TLSX** extensions, SessionTicket* ticket, void* heap) {
    TLSX* const there = TLSX_Find(*extensions, TLSX_SESSION_TICKET);
    if (there == NULL || there->data == NULL)
        return TLSX_UseSessionTicket(extensions, ticket, heap);
    TLSX_SessionTicket_Free((SessionTicket*)there->data, heap);
    there->data = ticket;
    return WOLFSSL_SUCCESS;
}
#undef TLSX_UseSessionTicket
#define TLSX_UseSessionTicket(extensions, ticket, heap) use_session_ticket(extensions, ticket, heap)
#endif

#include "src/internal.c"
