// A client for the tests with other servers: connects to a port of the loopback address, sends a
// request, prints what it reads until the end, or until a text has come; then closes. It may do so
// several times, each with what the last session left to resume it.
//
//   --port N --name HOST [--ca PEM] [--cert PEM --key PEM] [--version 1.2|1.3] [--alpn NAME]
//   --request HEX [--until TEXT] [--deadline SECONDS] [--resume CONNECTIONS] [--datagram 1]
//   [--psk HEX]
#include "tool.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace {

// Gives what resumes the session to `resumption`, and takes it from there.
bool run(tool::tls::Context& context, const tool::Options& options,
         std::vector<std::uint8_t>& resumption) {
    static tool::tls::Session session;
    const std::string name = options.get("name"), until = options.get("until");
    ussl::PeerIdentity identity;
    identity.sni = identity.dns_name = name;
    identity.resumption = resumption;
    const ussl::Error error = session.open(context, identity);
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));

    const bool datagram = options.has("datagram");
    const int handle = tool::connect_to(std::atoi(options.get("port").c_str()), datagram);
    tool::Socket socket(handle, std::atoi(options.get("deadline").c_str()),
                        datagram ? &session : nullptr);
    ussl::Pump pump(session, socket);
    ussl::PumpResult result = tool::go_on([&pump] { return pump.handshake(); });
    if (result.status == ussl::Status::ok) tool::tell_established(session);

    if (result.status == ussl::Status::ok)
        result = pump.write(tool::from_hex(options.get("request")));

    std::string received;
    while (result.status == ussl::Status::ok &&
           (until.empty() || received.find(until) == std::string::npos)) {
        std::uint8_t buffer[4096];
        result = tool::go_on([&] { return pump.read(buffer); });
        received.append(buffer, buffer + result.bytes);
    }
    std::fwrite(received.data(), 1, received.size(), stdout);
    tool::tell_end(result, session);
    const bool established = session.is_established();
    resumption.resize(session.resumption_data({}));
    session.resumption_data(resumption);
    pump.close();
    if (!established) tool::hear_out(handle, datagram);
    close(handle);
    session.release();
    return established;
}

} // namespace

int main(int argc, char** argv) {
    const tool::Options options(argc, argv,
                                {"port", "name", "ca", "cert", "key", "version", "alpn", "request",
                                 "until", "deadline", "resume", "datagram", "psk"});
    tool::Material material(options);
    material.config.resumption = options.has("resume");
    static tool::tls::Context context;
    const ussl::Error error = context.open(material.config, ussl::posix_environment());
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));
    std::vector<std::uint8_t> resumption;
    int connections = options.has("resume") ? std::atoi(options.get("resume").c_str()) : 1;
    bool established = true;
    for (; connections > 0; --connections)
        established = run(context, options, resumption) && established;
    context.close();
    tool::tell_memory();
    return established ? 0 : 1;
}
