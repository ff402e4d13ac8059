// A server for the tests with other clients: one connection, or several, each of which may resume
// an earlier session. Answers each line with "echo: LINE", and closes after a line "bye" or the
// client's end.
//
//   --cert PEM --key PEM [--ca PEM] [--version 1.2|1.3] [--alpn NAME] [--deadline SECONDS]
//   [--resume CONNECTIONS] [--datagram 1] [--psk HEX] [--limit RECORD-SIZE]
#include "tool.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

bool serve(tool::tls::Context& context, int handle, int deadline, bool datagram) {
    static tool::tls::Session session;
    std::vector<std::uint8_t> address;
    if (datagram) address = tool::await_client(handle);
    ussl::PeerIdentity identity;
    identity.client_id = address;
    const ussl::Error error = session.open(context, identity);
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));
    tool::Socket socket(handle, deadline, datagram ? &session : nullptr);
    ussl::Pump pump(session, socket);
    ussl::PumpResult result = tool::go_on([&pump] { return pump.handshake(); });
    if (result.status == ussl::Status::ok) tool::tell_established(session);

    std::string waiting;
    bool bye = false;
    while (result.status == ussl::Status::ok && !bye) {
        std::uint8_t buffer[4096];
        result = tool::go_on([&] { return pump.read(buffer); });
        if (result.status != ussl::Status::ok) break;
        waiting.append(buffer, buffer + result.bytes);
        for (std::size_t end; !bye && (end = waiting.find('\n')) != std::string::npos;) {
            const std::string line = waiting.substr(0, end);
            waiting.erase(0, end + 1);
            bye = line == "bye" || line == "bye\r";
            result = pump.write(ussl::as_bytes("echo: " + line + "\n"));
        }
    }
    tool::tell_end(result, session);
    const bool established = session.is_established();
    pump.close();
    tool::hear_out(handle, datagram);
    close(handle);
    session.release();
    return established;
}

// Knows one.
bool find_key(void* known, ussl::Bytes identity, ussl::Bytes* key) {
    *key = *static_cast<const std::vector<std::uint8_t>*>(known);
    return ussl::equal(identity, ussl::as_bytes(tool::psk_identity));
}

} // namespace

int main(int argc, char** argv) {
    const tool::Options options(
        argc, argv,
        {"ca", "cert", "key", "version", "alpn", "deadline", "resume", "datagram", "psk", "limit"});
    tool::Material material(options);
    material.config.role = ussl::Role::server;
    std::vector<std::uint8_t> key(material.config.psk.key.begin(), material.config.psk.key.end());
    material.config.psk = {};
    if (!key.empty()) material.config.psk_callback = {&key, find_key};
    material.config.resumption = options.has("resume");
    static tool::tls::Context context;
    const ussl::Error error = context.open(material.config, ussl::posix_environment());
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));

    const bool datagram = options.has("datagram");
    const int listener = tool::listen(datagram);
    int connections = options.has("resume") ? std::atoi(options.get("resume").c_str()) : 1;
    bool established = true;
    for (; connections > 0; --connections) {
        const int handle = datagram ? listener : tool::accept_from(listener);
        if (!datagram && connections == 1) close(listener);
        established =
            serve(context, handle, std::atoi(options.get("deadline").c_str()), datagram) &&
            established;
    }
    context.close();
    tool::tell_memory();
    return established ? 0 : 1;
}
