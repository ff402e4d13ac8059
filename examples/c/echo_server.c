/* Sends back what clients send, one client after the other, until it is killed.
 *
 *     echo_server PORT CERTFILE KEYFILE [CLIENTS]
 *
 * Listens on 127.0.0.1; PORT 0 takes a free one. The port is the first line of its output. Ends
 * after CLIENTS clients, if given.
 */
#define _POSIX_C_SOURCE 200809L
#include "files.h"
#include "socket_transport.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

/* Too large for a stack; their sizes are constants of the build. */
static ussl_context context;
static ussl_session session;

static int listen_on(const char *port) {
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

/* An error ends only this client's connection. */
static void serve(int client) {
    ussl_error error = ussl_session_open(&session, &context, NULL);
    if (error.code != USSL_ERR_NONE) {
        failed("session", error);
        return;
    }
    const ussl_transport transport = socket_transport(&client);
    ussl_pump pump;
    ussl_pump_init(&pump, &session, &transport);
    static uint8_t buffer[4096];
    for (;;) {
        const ussl_pump_result got = ussl_pump_read(&pump, buffer, sizeof buffer);
        if (got.status != USSL_OK) {
            if (got.transport_failed)
                fprintf(stderr, "client: %s\n", strerror(got.transport_error));
            else if (got.status == USSL_FAILED)
                failed("client", ussl_session_error(&session));
            break;
        }
        if (ussl_pump_write(&pump, buffer, got.bytes).status != USSL_OK) break;
    }
    ussl_pump_close(&pump);
    ussl_session_release(&session);
}

enum { most_certificates = 12 };

int main(int count, char **arguments) {
    if (count != 4 && count != 5) {
        fprintf(stderr, "usage: echo_server PORT CERTFILE KEYFILE [CLIENTS]\n");
        return 2;
    }
    static ussl_bytes chain[most_certificates], key[1];
    ussl_config config = {USSL_CONFIG};
    config.role = USSL_ROLE_SERVER;
    config.verify = USSL_VERIFY_NONE; /* does not ask for client certificates */
    config.credential.chain = chain;
    config.credential.chain_count =
        pem_blocks(arguments[2], "CERTIFICATE", chain, most_certificates);
    if (pem_blocks(arguments[3], "PRIVATE KEY", key, 1) == 1)
        config.credential.private_key = key[0];
    ussl_context_init(&context);
    const ussl_error error = ussl_context_open(&context, &config, ussl_posix_environment());
    if (error.code != USSL_ERR_NONE) return failed("context", error);
    ussl_session_init(&session);

    const int listener = listen_on(arguments[1]);
    if (listener < 0) {
        perror("listen");
        return 1;
    }
    long left = count == 5 ? atol(arguments[4]) : -1;
    while (left != 0) {
        const int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        serve(client);
        close(client);
        if (left > 0) --left;
    }
    close(listener);
    ussl_context_close(&context);
    return 0;
}
