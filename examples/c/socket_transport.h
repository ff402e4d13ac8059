/* A transport for ussl_pump over a POSIX socket, blocking or not. */
#ifndef SOCKET_TRANSPORT_H
#define SOCKET_TRANSPORT_H

#include <ussl.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

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

/* Without a signal where the peer is gone: the error says so. */
static ussl_transport_result socket_send(void *user, const uint8_t *from, size_t size) {
    return socket_result(send(*(const int *)user, from, size, MSG_NOSIGNAL));
}

/* Does not own the socket, which must stay where it is. */
static ussl_transport socket_transport(int *socket) {
    const ussl_transport transport = {socket, socket_receive, socket_send};
    return transport;
}

#endif
