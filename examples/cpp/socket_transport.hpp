// A transport for ussl::Pump over a POSIX socket, blocking or not; and a function that connects.
#pragma once

#include <ussl/pump.hpp>

#include <cerrno>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

class SocketTransport {
public:
    // Does not own `socket`.
    explicit SocketTransport(int socket) : socket_(socket) {}

    ussl::TransportResult read(ussl::MutableBytes into) {
        return result(recv(socket_, into.data(), into.size(), 0));
    }

    // No SIGPIPE if the peer is gone: the error reports it.
    ussl::TransportResult write(ussl::Bytes from) {
        return result(send(socket_, from.data(), from.size(), MSG_NOSIGNAL));
    }

private:
    static ussl::TransportResult result(ssize_t count) {
        using Kind = ussl::TransportResult::Kind;
        if (count > 0) return {Kind::moved, static_cast<std::size_t>(count)};
        if (count == 0) return {Kind::ended};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {Kind::would_block};
        if (errno == EINTR) return {Kind::interrupted, 0, errno};
        return {Kind::failed, 0, errno};
    }

    int socket_;
};

// A TCP connection; -1 and errno if it fails.
inline int connect_to(const char* host, const char* port) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
    int socket = -1;
    for (const addrinfo* a = found; a != nullptr && socket < 0; a = a->ai_next) {
        socket = ::socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (socket >= 0 && connect(socket, a->ai_addr, a->ai_addrlen) != 0) {
            close(socket);
            socket = -1;
        }
    }
    freeaddrinfo(found);
    return socket;
}
