// Handshakes of a backend with itself, on wires of every kind.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <functional>

using namespace ussl;
using namespace ussl::test;

namespace {

// Sends data in both directions, to prove that the keys work.
void check_talk(Connection& connection) {
    CHECK(connection.client.write("from the client") == 15);
    CHECK(connection.server.write("from the server") == 15);
    // The wire may stutter: reads until the text is complete.
    for (int i = 0; i < 200; ++i) {
        connection.client.pump.flush();
        connection.server.pump.flush();
        CHECK(connection.client.read_all() <= Status::want_write);
        CHECK(connection.server.read_all() <= Status::want_write);
        if (connection.client.received.size() == 15 && connection.server.received.size() == 15)
            break;
    }
    CHECK(connection.client.received == "from the server");
    CHECK(connection.server.received == "from the client");
}

} // namespace

EACH_BACKEND("every version with every kind of key, with a client certificate and without") {
    for (const Version version : versions_of(backend))
        for (const char* leaf : leaves_of(backend))
            for (const char* own : {"", "client", "client-p384", "client-rsa"}) {
                if ((std::string_view(own) == "client-p384" && !backend.can().ecdsa_p384) ||
                    (std::string_view(own) == "client-rsa" && !backend.can().rsa))
                    continue;
                CAPTURE(std::string(name_of(version)));
                CAPTURE(std::string(leaf));
                CAPTURE(std::string(own));
                Settings server = *own != '\0' ? asking_server() : server_settings();
                server.config.credential = credential(leaf);
                OpenEnds ends(
                    backend,
                    (*own != '\0' ? client_with(own) : client_settings()).versions(version),
                    server.versions(version));
                Connection connection(ends.client, ends.server);
                CHECK(connection.establish());
                CHECK(connection.client.session->error().code == Err::none);
                CHECK(connection.server.session->error().code == Err::none);
                for (Side* side : {&connection.client, &connection.server}) {
                    CHECK(side->session->is_established());
                    CHECK(side->session->version() == version);
                    CHECK_FALSE(suite_name(side->session->suite()).empty());
                }
                CHECK(connection.client.session->suite() == connection.server.session->suite());
                check_talk(connection);
            }
}

EACH_BACKEND("without a range of versions the highest is negotiated") {
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection connection(ends.client, ends.server);
    CHECK(connection.establish());
    CHECK(connection.client.session->version() == versions_of(backend).back());
}

EACH_BACKEND("one side's lowest version may be the other's highest") {
    if (!backend.can().tls1_3) return;
    for (const bool client_limits : {true, false}) {
        Settings client = client_settings(), server = server_settings();
        (client_limits ? client : server).config.max_version = Version::tls1_2;
        OpenEnds ends(backend, client, server);
        Connection connection(ends.client, ends.server);
        CHECK(connection.establish());
        CHECK(connection.client.session->version() == Version::tls1_2);
        CHECK(connection.server.session->version() == Version::tls1_2);
    }
}

EACH_BACKEND("wires that split, delay and block") {
    const struct {
        const char* what;
        std::function<void(Pipe&)> make;
    } wires[] = {
        {"reads of 1 byte", [](Pipe& pipe) { pipe.max_read = 1; }},
        {"reads of 2 bytes", [](Pipe& pipe) { pipe.max_read = 2; }},
        {"reads of 3 bytes", [](Pipe& pipe) { pipe.max_read = 3; }},
        {"reads of 5 bytes, a record's header", [](Pipe& pipe) { pipe.max_read = 5; }},
        {"reads of 6 bytes", [](Pipe& pipe) { pipe.max_read = 6; }},
        {"reads of 64 bytes", [](Pipe& pipe) { pipe.max_read = 64; }},
        {"reads of 999 bytes", [](Pipe& pipe) { pipe.max_read = 999; }},
        {"writes of 1 byte", [](Pipe& pipe) { pipe.max_write = 1; }},
        {"writes of 7 bytes", [](Pipe& pipe) { pipe.max_write = 7; }},
        {"one byte under way", [](Pipe& pipe) { pipe.capacity = 1; }},
        {"100 bytes under way", [](Pipe& pipe) { pipe.capacity = 100; }},
        {"every second call blocks", [](Pipe& pipe) { pipe.stutter = true; }},
        {"all of it",
         [](Pipe& pipe) {
             pipe.max_read = 3, pipe.max_write = 2, pipe.capacity = 5, pipe.stutter = true;
         }},
    };
    for (const Version version : versions_of(backend)) {
        OpenEnds ends(backend, client_settings().versions(version),
                      server_settings().versions(version));
        for (const auto& wire : wires) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(wire.what));
            Connection connection(ends.client, ends.server);
            wire.make(connection.to_client);
            wire.make(connection.to_server);
            CHECK(connection.establish());
            check_talk(connection);
        }
    }
}

EACH_BACKEND("a handshake takes at most two writes from each side") {
    for (const Version version : versions_of(backend))
        for (const char* leaf : leaves_of(backend))
            for (const bool mutual : {false, true}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(std::string(leaf));
                CAPTURE(mutual);
                Settings server = mutual ? asking_server() : server_settings();
                server.config.credential = credential(leaf);
                OpenEnds ends(
                    backend, (mutual ? client_with("client") : client_settings()).versions(version),
                    server.versions(version));
                Connection connection(ends.client, ends.server);
                REQUIRE(connection.establish());
                CHECK(connection.to_server.writes <= 2);
                CHECK(connection.to_client.writes <= 2);
            }
}

EACH_BACKEND("many sessions share a context, at the same time and one after the other") {
    OpenEnds ends(backend, client_settings(), server_settings());
    for (int round = 0; round < 3; ++round) {
        Connection a(ends.client, ends.server), b(ends.client, ends.server),
            c(ends.client, ends.server);
        CHECK(b.establish());
        CHECK(a.establish());
        check_talk(b);
        CHECK(c.establish());
        check_talk(a);
        check_talk(c);
    }
}

EACH_BACKEND("a released session can be opened again") {
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection first(ends.client, ends.server);
    REQUIRE(first.establish());
    first.client.session->release();
    first.server.session->release();
    CHECK_FALSE(first.client.session->is_established());
    CHECK(first.client.session->version() == Version::none);
    REQUIRE(first.client.session->open(*ends.client.context, ends.client.settings.identity).code ==
            Err::none);
    REQUIRE(first.server.session->open(*ends.server.context, {}).code == Err::none);
    // Bytes of the first pair that are left on the wire do not belong to the second.
    Pipe to_server, to_client;
    first.to_server = to_server;
    first.to_client = to_client;
    CHECK(first.establish());
    check_talk(first);
}

EACH_BACKEND("read() and write() advance the handshake") {
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection connection(ends.client, ends.server);
    std::uint8_t byte[1];
    CHECK(connection.client.pump.write(as_bytes("early")).status == Status::want_read);
    CHECK(connection.server.pump.read(byte).status == Status::want_read);
    CHECK(connection.client.pump.write(as_bytes("early")).status != Status::failed);
    CHECK(connection.server.pump.read(byte).status != Status::failed);
    connection.client.pump.write(as_bytes("!"));
    connection.server.read_all();
    CHECK(connection.client.session->is_established());
    CHECK(connection.server.session->is_established());
    CHECK(connection.server.received.ends_with("!"));
}

EACH_BACKEND("server_name is sent as it was given, an address never") {
    const struct {
        const char* what;
        PeerIdentity identity;
        std::string_view sent; // empty: none
    } rows[] = {
        {"name", {.sni = "sni.example", .dns_name = "localhost"}, "sni.example"},
        {"trailing dot", {.sni = "sni.example.", .dns_name = "localhost"}, "sni.example"},
        {"none", {.dns_name = "localhost"}, ""},
        {"address alone", {.ip_address = as_bytes(std::string_view("\x7f\0\0\1", 4))}, ""},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        Endpoint client(backend, client_settings());
        client.settings.identity = row.identity;
        REQUIRE(client.open().code == Err::none);
        OwnedSession session(backend);
        REQUIRE(session->open(*client.context, row.identity).code == Err::none);
        CHECK(session->handshake() == Status::want_read);
        const Bytes hello = session->output();
        const std::string text(hello.begin(), hello.end());
        if (!row.sent.empty()) {
            // RFC 6066, 3: list length, type host_name, name length, name.
            const char size = static_cast<char>(row.sent.size());
            CHECK(text.find(std::string{0, static_cast<char>(size + 3), 0, 0, size} +
                            std::string(row.sent)) != std::string::npos);
        }
        CHECK((text.find("sni.example") != std::string::npos) == !row.sent.empty());
        CHECK(text.find("localhost") == std::string::npos);
        CHECK(text.find("127.0.0.1") == std::string::npos);
    }
}

// RFC 5246, 7.4.8: the suite determines how the server signs, CertificateRequest how clients may.
EACH_BACKEND("a client signs with its own key, whatever kind the server's is") {
    for (const Version version : versions_of(backend))
        for (const char* servers : {"p256", "rsa"})
            for (const char* clients : {"client", "client-rsa", "client-p384"}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(servers);
                CAPTURE(clients);
                Settings server = asking_server();
                server.config.credential = server_settings(servers).config.credential;
                Endpoint one(backend, client_with(clients).versions(version));
                Endpoint other(backend, server.versions(version));
                REQUIRE(one.open().code == Err::none);
                REQUIRE(other.open().code == Err::none);
                Connection connection(one, other);
                CHECK(connection.establish());
                CHECK(connection.server.err() == Err::none);
            }
}
