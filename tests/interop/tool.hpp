// The common parts of ussl_client and ussl_server: options, files, and a blocking socket as
// transport.
#pragma once

#include "ussl/context.hpp"
#include "ussl/pump.hpp"
#include "ussl/session.hpp"

#include <deque>
#include <map>
#include <string>
#include <vector>

#include USSL_TOOL_HEADER

namespace tool {

namespace tls = ussl::USSL_TOOL_BACKEND;

// "--name value" pairs. A name that is not in `known` stops the program.
class Options {
public:
    Options(int argc, char** argv, std::initializer_list<const char*> known);
    bool has(const std::string& name) const { return values_.count(name) != 0; }
    std::string get(const std::string& name) const;

private:
    std::map<std::string, std::string> values_;
};

std::vector<std::uint8_t> from_hex(const std::string& hex);

[[noreturn]] void stop(const std::string& why);

// The settings that both programs have: --ca, --cert, --key, --version, --alpn, --datagram, --psk,
// --limit (hexadecimal; the identity is "ussl").
struct Material {
    ussl::ContextConfig config;

    explicit Material(const Options& options);

private:
    std::deque<std::vector<std::uint8_t>> der_;
    std::vector<ussl::Bytes> anchors_, chain_;
    std::string alpn_;
    std::string_view protocols_[1];
    std::vector<std::uint8_t> psk_;

    ussl::Bytes keep(ussl::Bytes der) { return der_.emplace_back(der.begin(), der.end()); }
    std::vector<ussl::Bytes> load(const std::string& file);
};

constexpr std::string_view psk_identity = "ussl";

class Socket {
public:
    // `deadline`: seconds from now after which reading fails with ETIMEDOUT, however much has come
    // by then; 0: never.
    // `session`, with datagrams: reading blocks no longer than until its next retransmission.
    explicit Socket(int handle, int deadline = 0, const ussl::Session* session = nullptr);
    ussl::TransportResult read(ussl::MutableBytes into);
    ussl::TransportResult write(ussl::Bytes from);

private:
    int handle_;
    std::int64_t ends_at_; // milliseconds of the steady clock; 0: never
    const ussl::Session* session_;
};

// The pump's `step`, repeated whenever a retransmission is due.
template<class Step>
ussl::PumpResult go_on(Step step) {
    for (;;) {
        const ussl::PumpResult result = step();
        if (result.status != ussl::Status::want_read || result.transport_failed) return result;
    }
}

// On the loopback address; over TCP, or UDP.
int connect_to(int port, bool datagram);
int listen(bool datagram); // prints "port N"
int accept_from(int listener);
// The end of a connection: reads whatever the peer still sends, so that no reset overtakes our last
// bytes.
void hear_out(int handle, bool datagram);
// Waits for the first datagram, which stays in the socket; from then on the socket has only this
// peer. Returns the peer's address, as bytes.
std::vector<std::uint8_t> await_client(int handle);

// Prints lines on standard error: "resumed" if a session was resumed; "established VERSION SUITE
// ALPN"; how it ended: "end STATUS ERROR ALERT LIBRARY"; "memory N kB", the most resident memory of
// the program (Linux).
void tell_established(const ussl::Session& session);
void tell_end(const ussl::PumpResult& result, const ussl::Session& session);
void tell_memory();

} // namespace tool
