/* A transport for ussl_pump over a POSIX socket, blocking or not; and a function that connects.
 * Define _POSIX_C_SOURCE 200809L before the first header. */
#ifndef SOCKET_TRANSPORT_H
#define SOCKET_TRANSPORT_H

#include <ussl.h>

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static ussl_transport_result socket_result(ssize_t count) {
    ussl_transport_result result = {USSL_MOVED, 0, 0};
    if (count > 0) {
        result.bytes = (size_t)count;
    } else if (count == 0) {
        result.kind = USSL_ENDED;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        result.kind = USSL_WOULD_BLOCK;
    } else {
        result.kind = errno == EINTR ? USSL_INTERRUPTED : USSL_TRANSPORT_FAILED;
        result.error = errno;
    }
    return result;
}

static ussl_transport_result socket_receive(void *user, uint8_t *into, size_t size) {
    return socket_result(recv(*(const int *)user, into, size, 0));
}

/* No SIGPIPE if the peer is gone: the error reports it. */
static ussl_transport_result socket_send(void *user, const uint8_t *from, size_t size) {
    return socket_result(send(*(const int *)user, from, size, MSG_NOSIGNAL));
}

/* Does not own the socket, which must stay where it is. */
static ussl_transport socket_transport(int *socket) {
    const ussl_transport transport = {socket, socket_receive, socket_send};
    return transport;
}

/* A TCP connection; -1 and errno if it fails. */
static inline int connect_to(const char *host, const char *port) {
    struct addrinfo hints = {0}, *found = NULL;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
    int connected = -1;
    for (const struct addrinfo *a = found; a != NULL && connected < 0; a = a->ai_next) {
        connected = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (connected >= 0 && connect(connected, a->ai_addr, a->ai_addrlen) != 0) {
            close(connected);
            connected = -1;
        }
    }
    freeaddrinfo(found);
    return connected;
}

#endif
