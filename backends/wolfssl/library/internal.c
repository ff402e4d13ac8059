// wolfSSL's src/internal.c. It wants the header of a handshake message in one record, and a message
// after the handshake as a whole (RFC 8446, 5.1 has no such rule). So the adapter replaces two of
// its functions, and gathers messages from records.
#include "without_certificates.h"

int ussl_wolfssl_take_message(WOLFSSL* ssl, byte* input, word32* at, word32 end);
int ussl_wolfssl_take_message_1_3(WOLFSSL* ssl, byte* input, word32* at, word32 end);
int ussl_wolfssl_see_message(WOLFSSL* ssl, byte* input, word32* at, byte type, word32 size,
                             word32 end);
int ussl_wolfssl_read_message(WOLFSSL* ssl, byte* input, word32* at, byte type, word32 size,
                              word32 end);
int ussl_wolfssl_hash_message(WOLFSSL* ssl, const byte* input, int size);
int ussl_wolfssl_hash(WOLFSSL* ssl, const byte* input, int size);

// RFC 5077, 3.4: a server that does not accept a ticket may name a session of its own and do a full
// handshake. wolfSSL's client reports an unexpected message then, except in builds for
// wpa_supplicant.
#define WOLFSSL_WPAS

#define DoTls13HandShakeMsg ussl_wolfssl_take_message_1_3 // of src/tls13.c, called only here
// The other function is called here once, with `ssl`; its own definition starts with `WOLFSSL*
// ssl`.
#define DoHandShakeMsg(first, input, at, end) USSL_FIRST_##first, input, at, end)
#define USSL_FIRST_WOLFSSL DoHandShakeMsg_(WOLFSSL
#define USSL_FIRST_ssl ussl_wolfssl_take_message(ssl

// Over datagrams wolfSSL puts messages together. Each passes the adapter, which gives those of
// streams, too, to the function that is called here.
#undef DoHandShakeMsgType
#define DoHandShakeMsgType(first, input, at, type, size, end)                                      \
    USSL_TYPE_##first, input, at, type, size, end)
#define USSL_TYPE_WOLFSSL ussl_wolfssl_read_message(WOLFSSL
#define USSL_TYPE_ssl ussl_wolfssl_see_message(ssl

#ifndef NO_CERTS
// core/ reads the peer's certificates: ProcessPeerCerts(), for TLS 1.2 here and for 1.3 in
// src/tls13.c, is the adapter's. This file's own, and everything that only it calls, is not linked.
static int take_certificates(WOLFSSL* ssl, byte* input, word32* at, word32 size) {
    return ProcessPeerCerts(ssl, input, at, size);
}
#undef ProcessPeerCerts // may have a prefix, which the one above has
#define ProcessPeerCerts(first, input, at, size) USSL_PEER_##first, input, at, size)
#define USSL_PEER_WOLFSSL static __attribute__((unused)) ProcessPeerCerts_(WOLFSSL
#define USSL_PEER_ssl take_certificates(ssl
#endif

// What of a ClientHello is hashed is for the adapter to say, for TLS 1.2 here and for 1.3 in
// src/tls13.c: see Messages::hash().
#undef HashInput
#define HashInput(first, input, size) USSL_HASH_##first, input, size)
#define USSL_HASH_WOLFSSL ussl_wolfssl_hash(WOLFSSL
#define USSL_HASH_ssl ussl_wolfssl_hash_message(ssl

// wolfSSL keeps a transcript for each hash of the build. Those of SHA-384 and SHA-512, whose words
// have 64 bits, are for the suite's hash and for a client's signature in TLS 1.2, which may be over
// any (RFC 5246, 7.4.8).
#if defined(WOLFSSL_SHA384) && defined(WOLFSSL_SHA512)
static int client_may_sign(const WOLFSSL* ssl) {
    return ssl->options.side == WOLFSSL_SERVER_END ? ssl->options.verifyPeer
                                                   : ssl->buffers.certificate != NULL;
}

static int hash_raw(WOLFSSL* ssl, const byte* data, int size) {
    int result;
    if (ssl->hsHashes == NULL) return BAD_FUNC_ARG;
    result = wc_Sha256Update(&ssl->hsHashes->hashSha256, data, (word32)size);
    if (result == 0 && (ssl->specs.mac_algorithm == sha384_mac || client_may_sign(ssl) ||
                        ssl->options.serverState < SERVER_HELLO_COMPLETE))
        result = wc_Sha384Update(&ssl->hsHashes->hashSha384, data, (word32)size);
    if (result == 0 && client_may_sign(ssl))
        result = wc_Sha512Update(&ssl->hsHashes->hashSha512, data, (word32)size);
    return result;
}

int HashRaw(WOLFSSL* ssl, const byte* data, int size) { return hash_raw(ssl, data, size); }
#undef HashRaw
#define HashRaw(first, data, size) USSL_RAW_##first, data, size)
#define USSL_RAW_WOLFSSL static __attribute__((unused)) HashRaw_(WOLFSSL
#define USSL_RAW_ssl hash_raw(ssl
#endif

#include "x25519.h"

// Two ClientHellos of a client must have their extensions in the same order (RFC 6347, 4.2.1: the
// second repeats the first), but wolfSSL moves a ticket to the front each time it adds one.
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
