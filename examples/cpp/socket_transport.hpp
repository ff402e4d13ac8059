// A transport for ussl::Pump over a POSIX socket, blocking or not.
#pragma once

#include <ussl/pump.hpp>

#include <cerrno>
#include <sys/socket.h>

class SocketTransport {
public:
    // Does not own `socket`.
    explicit SocketTransport(int socket) : socket_(socket) {}

    ussl::TransportResult read(ussl::MutableBytes into) {
        return result(recv(socket_, into.data(), into.size(), 0));
    }

    // Without a signal where the peer is gone: the error says so.
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
