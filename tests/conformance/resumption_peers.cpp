// Sessions with a peer that has changed since, or with a hello that somebody has changed.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include <algorithm>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// In TLS 1.3 tickets come with the first data.
Blob talk(Connection& connection) {
    CHECK(connection.server.write("hello") == 5);
    CHECK(connection.client.read_all() == Status::want_read);
    CHECK(connection.client.received == "hello");
    return stored(*connection.client.session);
}

// A client's stored session with this server.
Blob session_with(Endpoint& client, Endpoint& server) {
    Connection connection(client, server);
    REQUIRE(connection.establish());
    return talk(connection);
}

// An extension, without contents, of TLS 1.2's hellos (RFC 7627, 5.1).
const std::string extended_master_secret = raw::u16(23) + raw::u16(0);

// The bytes in the pipe, with the extension replaced by an unknown one. False: it is not there.
bool hide_extended_master_secret(Pipe& pipe) {
    std::string bytes = pipe.take();
    const std::size_t at = bytes.find(extended_master_secret);
    const bool found = at != std::string::npos;
    if (found) bytes.replace(at, 2, raw::u16(0x6117));
    pipe.inject(as_bytes(bytes));
    return found;
}

} // namespace

EACH_BACKEND("a client with a session of TLS 1.3 connects to a server with TLS 1.2") {
    if (!backend.can().resumption || !backend.can().tls1_3) return;
    Endpoint client(backend, resuming(client_settings(), Version::none));
    Endpoint server(backend, resuming(server_settings(), Version::none));
    Endpoint older(backend, resuming(server_settings(), Version::tls1_2));
    for (Endpoint* each : {&client, &server, &older})
        REQUIRE(each->open().code == Err::none);

    const Blob data = session_with(client, server);
    REQUIRE_FALSE(data.empty());
    PeerIdentity identity = client.settings.identity;
    identity.resumption = data;
    Connection connection(client, older, identity);
    REQUIRE(connection.establish());
    CHECK(connection.client.session->version() == Version::tls1_2);
    CHECK_FALSE(connection.client.session->is_resumed());
    const Blob newer = talk(connection);

    // And its session with that one is valid, too.
    identity.resumption = newer;
    Connection again(client, older, identity);
    REQUIRE(again.establish());
    CHECK(again.client.session->is_resumed());
}

EACH_BACKEND("a session that had the extended master secret is resumed with it, or not at all") {
    if (!backend.can().resumption) return;
    Endpoint client(backend, resuming(client_settings(), Version::tls1_2));
    Endpoint server(backend, resuming(server_settings(), Version::tls1_2));
    REQUIRE(client.open().code == Err::none);
    REQUIRE(server.open().code == Err::none);
    const Blob data = session_with(client, server);
    PeerIdentity identity = client.settings.identity;
    identity.resumption = data;

    Connection connection(client, server, identity);
    connection.client.pump.handshake();
    // RFC 7627, 5.3: the server must abort.
    if (!hide_extended_master_secret(connection.to_server)) return; // it has none
    CHECK_FALSE(connection.establish());
    connection.hear_alerts();
    CHECK(connection.server.err() == Err::handshake_failure);
    CHECK(connection.client.session->error().alert ==
          static_cast<std::uint8_t>(Alert::handshake_failure));
}

// RFC 7627, 5.3. Some servers do not have it, and so their sessions do not.
EACH_BACKEND("a client offers the extended master secret with every session, or never") {
    if (!backend.can().resumption) return;
    for (const BackendUnderTest& other : backends()) {
        if (!other.can().resumption) continue;
        for (const Version version : versions_of(backend)) {
            if (version == Version::tls1_3 && !other.can().tls1_3) continue;
            CAPTURE(std::string(other.name));
            CAPTURE(std::string(name_of(version)));
            Endpoint client(backend, resuming(client_settings(), Version::none));
            Endpoint server(other, resuming(server_settings(), version));
            REQUIRE(client.open().code == Err::none);
            REQUIRE(server.open().code == Err::none);
            Connection first(client, server);
            first.client.pump.handshake();
            std::string hello = first.to_server.take();
            const bool offered = hello.find(extended_master_secret) != std::string::npos;
            first.to_server.inject(as_bytes(hello));
            REQUIRE(first.establish());
            const Blob data = talk(first);

            PeerIdentity identity = client.settings.identity;
            identity.resumption = data;
            Connection again(client, server, identity);
            again.client.pump.handshake();
            hello = again.to_server.take();
            CHECK((hello.find(extended_master_secret) != std::string::npos) == offered);
            again.to_server.inject(as_bytes(hello));
            REQUIRE(again.establish());
            // Some servers have nothing but tickets, which not every client takes.
            CHECK((again.client.session->is_resumed() || &other != &backend));
        }
    }
}
