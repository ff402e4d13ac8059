#include "transport.hpp"

#include "context.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bogo {

using ussl::Bytes;
using ussl::MutableBytes;
using ussl::TransportResult;
using Kind = TransportResult::Kind;

namespace {

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

int connect_to(std::uint16_t port, bool ipv6) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* const address =
        ipv6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
    const int handle = socket(address->sa_family, SOCK_STREAM, 0);
    if (connect(handle, address, ipv6 ? sizeof six : sizeof four) != 0) give_up("connect");
    const int one = 1;
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return handle;
}

bool send_all(int handle, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(handle, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

TransportResult result_of(ssize_t count) {
    if (count > 0) return {Kind::moved, static_cast<std::size_t>(count)};
    if (count == 0) return {Kind::ended};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {Kind::would_block};
    return {Kind::failed, 0, errno};
}

} // namespace

Transport::Transport(const Options& options)
    : socket_(connect_to(options.port, options.ipv6)),
      drips_(options.async),
      datagrams_(options.context.dtls) {
    std::uint8_t id[8];
    for (unsigned i = 0; i < sizeof id; ++i)
        id[i] = static_cast<std::uint8_t>(options.shim_id >> (8 * i));
    if (!send_all(socket_, id)) give_up("send");
}

Transport::~Transport() {
    shutdown(socket_, SHUT_WR);
    std::uint8_t rest[4096];
    while (recv(socket_, rest, sizeof rest, 0) > 0) {
    }
    close(socket_);
}

void Transport::wait() {
    constexpr int longest = 60'000; // milliseconds
    pollfd wait{socket_, POLLIN, 0};
    poll(&wait, 1, longest);
}

TransportResult Transport::read(MutableBytes into) {
    if (drips_) {
        read_blocked_ = !read_blocked_;
        if (read_blocked_) return {Kind::would_block};
    }
    if (!datagrams_)
        return result_of(recv(socket_, into.data(),
                              drips_ ? std::min<std::size_t>(into.size(), 1) : into.size(),
                              drips_ ? MSG_DONTWAIT : 0));
    pollfd ready{socket_, POLLIN, 0};
    if (drips_ && poll(&ready, 1, 0) == 0) return {Kind::would_block};
    return read_frame(into);
}

TransportResult Transport::write(Bytes from) {
    if (drips_) {
        write_blocked_ = !write_blocked_;
        if (write_blocked_) return {Kind::would_block};
    }
    if (datagrams_) return write_datagram(from);
    const std::size_t size = std::min({from.size(), write_budget_, drips_ ? 1 : SIZE_MAX});
    if (size == 0) return {Kind::would_block};
    const TransportResult sent = result_of(send(socket_, from.data(), size, MSG_NOSIGNAL));
    if (sent.kind == Kind::moved && write_budget_ != SIZE_MAX) write_budget_ -= sent.bytes;
    return sent;
}

TransportResult Transport::write_datagram(Bytes from) {
    std::vector<std::uint8_t> frame{'P'};
    for (int shift = 24; shift >= 0; shift -= 8)
        frame.push_back(static_cast<std::uint8_t>(from.size() >> shift));
    frame.insert(frame.end(), from.begin(), from.end());
    if (!send_all(socket_, frame)) return {Kind::failed, 0, errno};
    return {Kind::moved, from.size()};
}

bool Transport::read_all(void* into, std::size_t size) {
    return recv(socket_, into, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

bool Transport::read_number(std::uint64_t& value, std::size_t size) {
    value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        std::uint8_t byte = 0;
        if (!read_all(&byte, 1)) return false;
        value = value << 8 | byte;
    }
    return true;
}

// One of the runner's frames: a datagram, or its word on the time.
TransportResult Transport::read_frame(MutableBytes into) {
    std::uint8_t kind = 0;
    if (!read_all(&kind, 1)) return {Kind::ended};
    switch (kind) {
    case 'P': return read_datagram(into);
    case 'T': {
        const std::uint8_t understood = 't';
        if (!read_number(passed_nanoseconds_, 8) || !send_all(socket_, {&understood, 1}))
            return {Kind::ended};
        return {Kind::would_block};
    }
    case 'E': {
        std::uint64_t nanoseconds = 0;
        if (!read_number(nanoseconds, 8)) return {Kind::ended};
        expected_timeout_ = nanoseconds;
        return {Kind::would_block};
    }
    default: not_offered("DTLS with a maximum datagram size that changes");
    }
}

// What there is no room for is cut off, as of a datagram of UDP.
TransportResult Transport::read_datagram(MutableBytes into) {
    std::uint64_t size = 0;
    if (!read_number(size, 4)) return {Kind::ended};
    std::vector<std::uint8_t> datagram(size);
    if (size != 0 && !read_all(datagram.data(), size)) return {Kind::ended};
    const std::size_t count = std::min(datagram.size(), into.size());
    std::copy_n(datagram.begin(), count, into.begin());
    return count != 0 ? TransportResult{Kind::moved, count} : TransportResult{Kind::would_block};
}

std::optional<std::uint64_t> Transport::take_expected_timeout() {
    return std::exchange(expected_timeout_, std::nullopt);
}

void Transport::pass_time() {
    constexpr std::uint64_t nanoseconds_per_millisecond = 1'000'000;
    add_milliseconds(std::exchange(passed_nanoseconds_, 0) / nanoseconds_per_millisecond);
}

} // namespace bogo
