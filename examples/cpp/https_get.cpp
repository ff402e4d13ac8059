// Fetches a page over HTTPS with the backend of the build.
//
//   https_get HOST PORT PATH CAFILE
#include "pem_file.hpp"
#include "socket_transport.hpp"

#include <ussl/selected_backend.hpp>
#include <ussl/x509/identity.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

int fail(const char* doing, ussl::Error error) {
    const std::string_view why = ussl::message(error.code);
    std::fprintf(stderr, "%s: %.*s", doing, static_cast<int>(why.size()), why.data());
    if (error.code == ussl::Err::peer_alert)
        std::fprintf(stderr, " %d: %s", error.alert, ussl::alert_name(error.alert).data());
    std::fprintf(stderr, " (%d, library %d)\n", static_cast<int>(error.code), error.library);
    return 1;
}

// Too large for a stack; their sizes are constants of the build.
ussl::selected::Context context;
ussl::selected::Session session;

} // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr, "usage: https_get HOST PORT PATH CAFILE\n");
        return 2;
    }
    const char *host = arguments[1], *port = arguments[2], *path = arguments[3];

    const PemFile anchors(arguments[4]);
    ussl::ContextConfig config; // a client that verifies: the default
    config.trust_anchors = anchors.certificates();
    if (const ussl::Error error = context.open(config, ussl::posix_environment());
        error.code != ussl::Err::none)
        return fail("context", error);

    // A name is sent and verified; an address is only verified.
    ussl::PeerIdentity peer;
    std::uint8_t address[16];
    if (const std::size_t size = ussl::x509::parse_ip_address(host, address); size != 0)
        peer.ip_address = {address, size};
    else
        peer.sni = peer.dns_name = host;
    if (const ussl::Error error = session.open(context, peer); error.code != ussl::Err::none)
        return fail("session", error);

    const int socket = connect_to(host, port);
    if (socket < 0) {
        std::perror("connect");
        return 1;
    }
    SocketTransport transport(socket);
    ussl::Pump pump(session, transport);
    const std::string request =
        std::string("GET ") + path + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
    ussl::PumpResult result = pump.write(ussl::as_bytes(request));
    std::uint8_t buffer[4096];
    while (result.status == ussl::Status::ok) {
        result = pump.read(buffer);
        std::fwrite(buffer, 1, result.bytes, stdout);
    }
    const bool complete = result.status == ussl::Status::closed; // not truncated
    if (!complete && !result.transport_failed) fail("connection", session.error());
    if (result.transport_failed) std::perror("connection");
    pump.close();
    close(socket);
    session.release();
    context.close();
    return complete ? 0 : 1;
}
