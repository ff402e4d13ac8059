// A server for the tests with other clients: one connection; answers each line with "echo: LINE"
// and, after a line "bye" or the client's end, closes.
//
//   --cert PEM --key PEM [--ca PEM] [--version 1.2|1.3] [--alpn NAME] [--deadline SECONDS]
#include "tool.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/socket.h>

int main(int argc, char** argv) {
    const tool::Options options(argc, argv, {"ca", "cert", "key", "version", "alpn", "deadline"});
    tool::Material material(options);
    material.config.role = ussl::Role::server;
    static tool::tls::Context context;
    static tool::tls::Session session;
    ussl::Error error = context.open(material.config, ussl::posix_environment());
    if (error.code == ussl::Err::none) error = session.open(context, {});
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));

    const int handle = tool::listen_and_accept();
    tool::Socket socket(handle, std::atoi(options.get("deadline").c_str()));
    ussl::Pump pump(session, socket);
    ussl::PumpResult result = pump.handshake();
    if (result.status == ussl::Status::ok) tool::tell_established(session);

    std::string waiting;
    bool bye = false;
    while (result.status == ussl::Status::ok && !bye) {
        std::uint8_t buffer[4096];
        result = pump.read(buffer);
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
    // What the client still sends is read, so that no reset overtakes the close_notify.
    shutdown(handle, SHUT_WR);
    std::uint8_t rest[4096];
    while (recv(handle, rest, sizeof rest, 0) > 0) {
    }
    session.release();
    context.close();
    tool::tell_memory();
    return established ? 0 : 1;
}
