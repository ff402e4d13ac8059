/* lwIP's altcp_tls.h on ussl: TLS for lwIP's httpd, http_client, mqtt, smtp, and programs of your own
 * that use altcp. docs/lwip.md shows it from the first line to the last.
 *
 *     ussl_lwip_set_environment(&environment);
 *     tls = altcp_tls_create_config_client(ca, sizeof ca);
 *     ussl_lwip_set_name(tls, "broker.example.org");
 *     info.tls_config = tls;
 *     mqtt_client_connect(client, &address, 8883, ...);
 *
 * As all of altcp, these functions belong to the thread of lwIP's core, or to whom holds its lock.
 * lwipopts.h needs LWIP_ALTCP and LWIP_ALTCP_TLS, and has lwIP's own port switched off, as it is by itself.
 *
 * What differs from lwIP's own port, to be safe:
 *   - A client verifies. Without a CA there is no configuration, without a name no connection. Who wants
 *     something else says so in a ussl_config, to ussl_lwip_create_config().
 *   - Certificates and keys in DER are used where they lie: they must stay until the configuration is
 *     freed. PEM is decoded into lwIP's heap, and need not stay. A private key must not be encrypted.
 *   - An end of the connection without close_notify is an error (ERR_ABRT), not an orderly end.
 */
#ifndef USSL_LWIP_H
#define USSL_LWIP_H

#include "lwip/altcp_tls.h"
#include "ussl.h"

/* Storage is static, and its size known at link time; define these in lwipopts.h.
 * How many connections may be open at once (one that listens counts for none), */
#ifndef USSL_LWIP_CONNECTIONS
#define USSL_LWIP_CONNECTIONS 2
#endif
/* how many configurations, */
#ifndef USSL_LWIP_CONFIGS
#define USSL_LWIP_CONFIGS 2
#endif
/* how many certificates with their keys each may have, */
#ifndef USSL_LWIP_CERTIFICATES
#define USSL_LWIP_CERTIFICATES 1
#endif
/* how many names of protocols (ALPN), */
#ifndef USSL_LWIP_ALPN
#define USSL_LWIP_ALPN 2
#endif
/* and how many bytes a struct altcp_tls_session has room for. */
#ifndef USSL_LWIP_SESSION_SIZE
#define USSL_LWIP_SESSION_SIZE 2048
#endif
/* Whether clients store sessions for altcp_tls_get_session(). 0: for a build of ussl without
 * resumption. */
#ifndef USSL_LWIP_RESUMPTION
#define USSL_LWIP_RESUMPTION 1
#endif
/* Seconds for a handshake, and for sending the rest after altcp_close(). By lwIP's own timer. */
#ifndef USSL_LWIP_HANDSHAKE_SECONDS
#define USSL_LWIP_HANDSHAKE_SECONDS 60
#endif
#ifndef USSL_LWIP_CLOSE_SECONDS
#define USSL_LWIP_CLOSE_SECONDS 20
#endif
/* Prints the cause of each failure, by LWIP_PLATFORM_DIAG: LWIP_DBG_ON, with LWIP_DEBUG. */
#ifndef USSL_LWIP_DEBUG
#define USSL_LWIP_DEBUG LWIP_DBG_OFF
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The data of altcp_tls_get_session() for a later connection; as secret as a key. After
 * altcp_tls_set_session() it must stay unchanged until that connection is established or gone. */
struct altcp_tls_session {
    size_t size;
    u8_t data[USSL_LWIP_SESSION_SIZE];
};

/* Sets randomness and time for all later configurations. `environment` must stay valid. Without
 * it there is no randomness: USSL_ERR_NO_RANDOMNESS. */
void ussl_lwip_set_environment(const ussl_environment *environment);

/* Lets the libraries allocate from lwIP's heap, so that MEM_SIZE limits everything. Call it
 * before the first configuration. (ussl_set_allocator() with your own functions works as well.) */
void ussl_lwip_use_mem(void);

/* Makes any configuration: with pins, an anchor source, pre-shared keys, a server that asks for
 * certificates. `settings` need not stay; everything that it points to must, until
 * altcp_tls_free_config(). NULL: see ussl_lwip_error(). */
struct altcp_tls_config *ussl_lwip_create_config(const ussl_config *settings,
                                                 const ussl_environment *environment);

/* The DNS name (also sent as server_name) or the address, as text, that the server's certificate
 * must be valid for: for all clients of a configuration, or for one connection (before
 * altcp_connect()). It must stay valid. NULL: none. */
void ussl_lwip_set_name(struct altcp_tls_config *config, const char *name);
err_t ussl_lwip_set_peer_name(struct altcp_pcb *conn, const char *name);

/* Why the last function of altcp_tls.h or altcp_connect() failed; within an err callback: why
 * that connection failed. USSL_ERR_NONE: the cause was not TLS. ussl_message(error.code) says
 * what to do. */
ussl_error ussl_lwip_error(void);

/* The session of a connection, for ussl_session_version(), ussl_session_alpn() and so on, but
 * not for functions that move bytes. altcp_tls_context() returns the same. NULL for a listener. */
ussl_session *ussl_lwip_session(struct altcp_pcb *conn);

#ifdef __cplusplus
}
#endif

#endif
