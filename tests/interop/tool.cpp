#include "tool.hpp"

#include "ussl/pem.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace tool {

using Kind = ussl::TransportResult::Kind;

void stop(const std::string& why) {
    std::fprintf(stderr, "stop: %s\n", why.c_str());
    std::exit(2);
}

Options::Options(int argc, char** argv, std::initializer_list<const char*> known) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        bool found = false;
        for (const char* each : known)
            found = found || name == std::string("--") + each;
        if (!found) stop("unknown option " + name);
        values_[name.substr(2)] = argv[i + 1];
    }
    if (argc % 2 == 0) stop("options come with a value each");
}

std::string Options::get(const std::string& name) const {
    const auto at = values_.find(name);
    return at == values_.end() ? std::string() : at->second;
}

std::vector<ussl::Bytes> Material::load(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) stop("cannot read " + file);
    const std::vector<std::uint8_t> text(std::istreambuf_iterator<char>(in), {});
    std::vector<std::uint8_t> buffer(ussl::pem::max_der_size(text.size()));
    std::vector<ussl::Bytes> blocks;
    ussl::pem::Reader reader(text);
    for (;;) {
        ussl::pem::Block block;
        if (reader.next(buffer, block) != ussl::Err::none) stop("bad PEM in " + file);
        if (block.label.empty()) return blocks;
        blocks.push_back(keep(block.der));
    }
}

std::vector<std::uint8_t> from_hex(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return bytes;
}

Material::Material(const Options& options) {
    if (options.has("ca"))
        config.trust_anchors = anchors_ = load(options.get("ca"));
    else if (!options.has("psk"))
        config.verify = ussl::Verify::none;
    if (options.has("cert")) {
        config.credential.chain = chain_ = load(options.get("cert"));
        config.credential.private_key = load(options.get("key")).at(0);
    }
    const std::string version = options.get("version");
    if (version == "1.2")
        config.min_version = config.max_version = ussl::Version::tls1_2;
    else if (version == "1.3")
        config.min_version = config.max_version = ussl::Version::tls1_3;
    else if (!version.empty())
        stop("unknown version");
    config.datagram = options.has("datagram");
    config.record_size_limit = static_cast<std::uint16_t>(std::atoi(options.get("limit").c_str()));
    psk_ = from_hex(options.get("psk"));
    if (!psk_.empty()) config.psk = {ussl::as_bytes(psk_identity), psk_};
    alpn_ = options.get("alpn");
    protocols_[0] = alpn_;
    if (!alpn_.empty()) config.alpn = protocols_;
}

namespace {

std::int64_t milliseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1000} + now.tv_nsec / 1'000'000;
}

} // namespace

Socket::Socket(int handle, int deadline, const ussl::Session* session)
    : handle_(handle),
      ends_at_(deadline == 0 ? 0 : milliseconds() + deadline * 1000),
      session_(session) {}

ussl::TransportResult Socket::read(ussl::MutableBytes into) {
    constexpr std::int64_t for_ever = -1;
    const std::int64_t left = ends_at_ == 0 ? for_ever : ends_at_ - milliseconds();
    if (ends_at_ != 0 && left <= 0) return {Kind::failed, 0, ETIMEDOUT};
    const std::uint32_t timer = session_ == nullptr ? ussl::no_timeout : session_->timeout();
    const bool by_timer = timer != ussl::no_timeout && (left == for_ever || timer < left);
    pollfd wait{handle_, POLLIN, 0};
    if (poll(&wait, 1, static_cast<int>(by_timer ? timer : left)) == 0)
        return by_timer ? ussl::TransportResult{Kind::would_block}
                        : ussl::TransportResult{Kind::failed, 0, ETIMEDOUT};
    const ssize_t count = recv(handle_, into.data(), into.size(), 0);
    if (count > 0) return {Kind::moved, static_cast<std::size_t>(count)};
    if (count == 0 && session_ != nullptr) return {Kind::would_block}; // an empty datagram
    return count == 0 ? ussl::TransportResult{Kind::ended}
                      : ussl::TransportResult{Kind::failed, 0, errno};
}

ussl::TransportResult Socket::write(ussl::Bytes from) {
    const ssize_t count = send(handle_, from.data(), from.size(), MSG_NOSIGNAL);
    return count > 0 ? ussl::TransportResult{Kind::moved, static_cast<std::size_t>(count)}
                     : ussl::TransportResult{Kind::failed, 0, errno};
}

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

} // namespace

int connect_to(int port, bool datagram) {
    const sockaddr_in address = loopback(port);
    const int handle = socket(AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        stop("cannot connect");
    return handle;
}

int listen(bool datagram) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        (!datagram && ::listen(listener, 1) != 0) ||
        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        stop("cannot listen");
    std::printf("port %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return listener;
}

int accept_from(int listener) { return accept(listener, nullptr, nullptr); }

std::vector<std::uint8_t> await_client(int handle) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    char first = 0;
    if (recvfrom(handle, &first, 1, MSG_PEEK, any, &size) < 0 || connect(handle, any, size) != 0)
        stop("no client");
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&address);
    return {bytes, bytes + size};
}

void tell_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:"))
            std::fprintf(stderr, "memory %s\n", line.c_str() + line.find_first_of("0123456789"));
}

void tell_established(const ussl::Session& session) {
    const std::string version(ussl::name_of(session.version())),
        suite(ussl::suite_name(session.suite())), alpn(session.alpn());
    if (session.is_resumed()) std::fputs("resumed\n", stderr);
    std::fprintf(stderr, "established %s %s %s\n", version.c_str(), suite.c_str(), alpn.c_str());
}

void hear_out(int handle, bool datagram) {
    if (datagram) return;
    shutdown(handle, SHUT_WR);
    std::uint8_t rest[4096];
    while (recv(handle, rest, sizeof rest, 0) > 0) {
    }
}

void tell_end(const ussl::PumpResult& result, const ussl::Session& session) {
    static const char* const names[] = {"ok",     "want_read", "want_write",
                                        "closed", "truncated", "failed"};
    const ussl::Error error = session.error();
    if (result.transport_failed)
        std::fprintf(stderr, "end transport %d\n", result.transport_error);
    else
        std::fprintf(stderr, "end %s %u alert %u library %d\n",
                     names[static_cast<int>(result.status)], static_cast<unsigned>(error.code),
                     error.alert, static_cast<int>(error.library));
}

} // namespace tool
