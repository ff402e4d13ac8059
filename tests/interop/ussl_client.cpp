// A client for the tests with other servers: connects to a port of the loopback address, sends a
// request, prints what it reads until the end, or until a text has come; then closes. It may do so
// several times, each time resuming the last session. --session: a file for the session, read if it
// exists, and written for the next run; a connection without a session to resume leaves it
// unchanged. --callback: 1 accepts every certificate, 0 none; with or without a version.
//
//   --port N --name HOST [--ca PEM] [--cert PEM --key PEM] [--version 1.2|1.3] [--alpn NAME]
//   --request HEX [--until TEXT] [--deadline SECONDS] [--resume CONNECTIONS] [--datagram 1]
//   [--psk HEX] [--session FILE] [--suite NAME] [--callback 0|1] [--callback-version TEXT]
//   [--limit RECORD-SIZE]
#include "tool.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace {

// Stores the session in `resumption`, and resumes the one that was there.
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
    if (const std::size_t size = session.resumption_data({}); size != 0) {
        resumption.resize(size);
        session.resumption_data(resumption);
    }
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
                                 "until", "deadline", "resume", "datagram", "psk", "session",
                                 "suite", "callback", "callback-version", "limit"});
    tool::Material material(options);
    material.config.resumption = options.has("resume");
    const std::string file = options.get("session"), version = options.get("callback-version");
    const std::uint16_t suites[] = {ussl::suite_number(options.get("suite"))};
    if (options.has("suite")) {
        if (suites[0] == 0) tool::stop("not supported: " + options.get("suite"));
        material.config.suites = suites;
    }
    bool accepts = options.get("callback") == "1";
    if (options.has("callback"))
        material.config.verify_callback = {
            &accepts,
            [](void* all, ussl::Bytes, unsigned, ussl::Err) { return *static_cast<bool*>(all); },
            ussl::as_bytes(version)};
    static tool::tls::Context context;
    const ussl::Error error = context.open(material.config, ussl::posix_environment());
    if (error.code != ussl::Err::none)
        tool::stop("open: " + std::string(ussl::message(error.code)));
    std::ifstream stored(file, std::ios::binary);
    std::vector<std::uint8_t> resumption(std::istreambuf_iterator<char>(stored), {});
    int connections = options.has("resume") ? std::atoi(options.get("resume").c_str()) : 1;
    bool established = true;
    for (; connections > 0; --connections)
        established = run(context, options, resumption) && established;
    context.close();
    if (!file.empty())
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(resumption.data()),
                   static_cast<std::streamsize>(resumption.size()));
    tool::tell_memory();
    return established ? 0 : 1;
}
