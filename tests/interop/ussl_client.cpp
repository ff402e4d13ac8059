// A client for the tests with other servers: connects to a port of the loopback address, sends a
// request, prints what it reads until the end, or until a text has come; then closes.
//
//   --port N --name HOST [--ca PEM] [--cert PEM --key PEM] [--version 1.2|1.3] [--alpn NAME]
//   --request HEX [--until TEXT] [--deadline SECONDS]
#include "tool.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const tool::Options options(
        argc, argv,
        {"port", "name", "ca", "cert", "key", "version", "alpn", "request", "until", "deadline"});
    const tool::Material material(options);
    static tool::tls::Context context;
    static tool::tls::Session session;
    const std::string name = options.get("name"), until = options.get("until");
    ussl::PeerIdentity identity;
    identity.sni = identity.dns_name = name;
    ussl::Error error = context.open(material.config, ussl::posix_environment());
    if (error.code == ussl::Err::none) error = session.open(context, identity);
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));

    tool::Socket socket(tool::connect_to(std::atoi(options.get("port").c_str())),
                        std::atoi(options.get("deadline").c_str()));
    ussl::Pump pump(session, socket);
    ussl::PumpResult result = pump.handshake();
    if (result.status == ussl::Status::ok) tool::tell_established(session);

    std::string request;
    const std::string hex = options.get("request");
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        request.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    if (result.status == ussl::Status::ok) result = pump.write(ussl::as_bytes(request));

    std::string received;
    while (result.status == ussl::Status::ok &&
           (until.empty() || received.find(until) == std::string::npos)) {
        std::uint8_t buffer[4096];
        result = pump.read(buffer);
        received.append(buffer, buffer + result.bytes);
    }
    std::fwrite(received.data(), 1, received.size(), stdout);
    tool::tell_end(result, session);
    const bool established = session.is_established();
    pump.close();
    session.release();
    context.close();
    tool::tell_memory();
    return established ? 0 : 1;
}
