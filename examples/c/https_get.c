/* Fetches a page over HTTPS with the backend of the build.
 *
 *     https_get HOST PORT PATH CAFILE
 */
#define _POSIX_C_SOURCE 200809L
#include "files.h"
#include "socket_transport.h"

#include <unistd.h>

/* Too large for a stack; their sizes are constants of the build. */
static ussl_context context;
static ussl_session session;

enum { most_anchors = 512 };

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: https_get HOST PORT PATH CAFILE\n");
        return 2;
    }
    const char *host = arguments[1], *port = arguments[2], *path = arguments[3];

    static ussl_bytes anchors[most_anchors];
    ussl_config config = {USSL_CONFIG}; /* a client that verifies: the default */
    config.trust_anchors = anchors;
    config.trust_anchor_count = pem_blocks(arguments[4], "CERTIFICATE", anchors, most_anchors);
    ussl_context_init(&context);
    ussl_error error = ussl_context_open(&context, &config, ussl_posix_environment());
    if (error.code != USSL_ERR_NONE) return failed("context", error);

    /* A name is sent and verified; an address is only verified. */
    uint8_t address[16];
    ussl_peer peer = {USSL_PEER};
    peer.ip_address.data = address;
    peer.ip_address.size = ussl_parse_ip_address(host, address);
    if (peer.ip_address.size == 0) peer.sni = peer.dns_name = host;
    ussl_session_init(&session);
    error = ussl_session_open(&session, &context, &peer);
    if (error.code != USSL_ERR_NONE) return failed("session", error);

    int socket = connect_to(host, port);
    if (socket < 0) {
        perror("connect");
        return 1;
    }
    const ussl_transport transport = socket_transport(&socket);
    ussl_pump pump;
    ussl_pump_init(&pump, &session, &transport);
    static char request[4096];
    const int size = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, host);
    if (size < 0 || (size_t)size >= sizeof request) {
        fprintf(stderr, "the path is too long\n");
        return 2;
    }
    ussl_pump_result result = ussl_pump_write(&pump, request, (size_t)size);
    static uint8_t buffer[4096];
    while (result.status == USSL_OK) {
        result = ussl_pump_read(&pump, buffer, sizeof buffer);
        fwrite(buffer, 1, result.bytes, stdout);
    }
    const bool complete = result.status == USSL_CLOSED; /* not truncated */
    if (result.transport_failed)
        fprintf(stderr, "connection: %s\n", strerror(result.transport_error));
    else if (!complete)
        failed("connection", ussl_session_error(&session));
    ussl_pump_close(&pump);
    close(socket);
    ussl_session_release(&session);
    ussl_context_close(&context);
    return complete ? 0 : 1;
}
