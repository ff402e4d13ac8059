// Pre-shared keys (RFC 4279, RFC 5487, RFC 7905; RFC 8446, 2.2).
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"

#include "ussl/backend/wire.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::string_view identity = "sensor 7";
constexpr std::string_view key = "0123456789abcdef0123456789abcdef";

// The key that a server's callback has, and the identity that it was asked for.
struct Keys {
    std::string known = std::string(identity);
    std::string secret = std::string(key);
    std::string asked;

    PskCallback callback() { return {this, find}; }
    static bool find(void* user, Bytes name, Bytes* found) {
        auto& self = *static_cast<Keys*>(user);
        self.asked.assign(name.begin(), name.end());
        *found = as_bytes(self.secret);
        return self.asked == self.known;
    }
};

// Verifies the server only by the key: no anchors, no name.
Settings psk_client() {
    Settings settings;
    settings.config.role = Role::client;
    settings.config.psk = {as_bytes(identity), as_bytes(key)};
    return settings;
}

// Has no certificate, and accepts clients with the key.
Settings psk_server(Keys& keys) {
    Settings settings;
    settings.config.role = Role::server;
    settings.config.psk_callback = keys.callback();
    return settings;
}

Refusal connect_in(const BackendUnderTest& backend, Version version, Settings client,
                   Settings server) {
    return connect(backend, client.versions(version), backend, server.versions(version));
}

bool uses_psk(std::uint16_t suite) {
    return suite_name(suite).find("PSK") != std::string_view::npos;
}

bool backend_has(const BackendUnderTest& backend, std::uint16_t suite) {
    const std::span<const std::uint16_t> all = backend.backend().suites;
    return std::ranges::find(all, suite) != all.end();
}

bool opens(const BackendUnderTest& backend, const Settings& settings, Err expected) {
    Endpoint endpoint(backend, settings);
    const Err error = endpoint.open().code;
    CHECK(error == expected);
    CHECK(endpoint.context->is_open() == (expected == Err::none));
    return error == Err::none;
}

} // namespace

EACH_BACKEND("a context with a key opens if the backend has PSK, else it is unsupported") {
    Keys keys;
    const Err expected = backend.can().psk ? Err::none : Err::unsupported;
    opens(backend, psk_client(), expected);
    opens(backend, psk_server(keys), expected);
    if (!backend.can().certificates) return;
    Settings both = server_settings();
    both.config.psk_callback = keys.callback();
    opens(backend, both, expected);
}

EACH_BACKEND("a key verifies both sides, without certificates") {
    if (!backend.can().psk) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Keys keys;
        Endpoint client(backend, psk_client().versions(version));
        Endpoint server(backend, psk_server(keys).versions(version));
        client.settings.config.keep_peer_certificate = backend.can().certificates;
        REQUIRE(client.open().code == Err::none);
        REQUIRE(server.open().code == Err::none);
        Connection connection(client, server);
        REQUIRE(connection.establish());
        CHECK(keys.asked == identity);
        CHECK(connection.client.session->version() == version);
        const std::uint16_t suite = connection.client.session->suite();
        CHECK(uses_psk(suite) == (version == Version::tls1_2));
        CHECK(connection.client.session->peer_certificate().empty());
        CHECK_FALSE(connection.client.session->is_resumed());
        CHECK_FALSE(connection.server.session->is_resumed());
        connection.client.write("to the server");
        connection.server.write("to the client");
        connection.server.read_all();
        connection.client.read_all();
        CHECK(connection.server.received == "to the server");
        CHECK(connection.client.received == "to the client");
    }
}

// RFC 8446, 4.2.11. A key without a hash of its own uses SHA-256.
EACH_BACKEND("a key works with each suite of its hash, whichever side limits the suites") {
    if (!backend.can().psk || !backend.can().tls1_3) return;
    for (const std::uint16_t suite : std::vector<std::uint16_t>{0x1301, 0x1303, 0x1304, 0x1305})
        for (const bool at_server : {false, true}) {
            if (!backend_has(backend, suite)) continue;
            CAPTURE(std::string(suite_name(suite)));
            CAPTURE(at_server);
            const std::vector<std::uint16_t> only{suite};
            Keys keys;
            Endpoint client(backend, psk_client().versions(Version::tls1_3));
            Endpoint server(backend, psk_server(keys).versions(Version::tls1_3));
            (at_server ? server : client).settings.config.suites = only;
            REQUIRE(client.open().code == Err::none);
            REQUIRE(server.open().code == Err::none);
            Connection connection(client, server);
            REQUIRE(connection.establish());
            CHECK(keys.asked == identity);
            CHECK(connection.client.session->suite() == suite);
            CHECK(connection.client.session->peer_certificate().empty());
        }
}

// Builds without certificates use a suite without forward secrecy only where a program lists it.
EACH_BACKEND("a suite with a key alone is negotiated only if both sides list it") {
    if (!backend.can().psk || backend.can().certificates) return;
    for (const std::uint16_t suite : backend.backend().suites) {
        if (suite_name(suite).find("TLS_PSK_") != 0) continue;
        CAPTURE(std::string(suite_name(suite)));
        const std::vector<std::uint16_t> only{suite};
        for (const bool at_server : {false, true}) {
            CAPTURE(at_server);
            Keys keys;
            Settings client = psk_client(), server = psk_server(keys);
            (at_server ? server : client).config.suites = only;
            const Refusal result = connect_in(backend, Version::tls1_2, client, server);
            CHECK_FALSE(result.client_established);
            CHECK(result.server == Err::handshake_failure);
            CHECK(result.client_heard == static_cast<int>(Alert::handshake_failure));
        }
    }
}

EACH_BACKEND("each of the backend's suites with keys") {
    for (const std::uint16_t suite : backend.backend().suites) {
        if (!uses_psk(suite)) continue;
        CAPTURE(std::string(suite_name(suite)));
        REQUIRE(backend.can().psk);
        const std::vector<std::uint16_t> only{suite};
        Keys keys;
        Endpoint client(backend, psk_client()), server(backend, psk_server(keys));
        client.settings.config.suites = server.settings.config.suites = only;
        REQUIRE(client.open().code == Err::none);
        REQUIRE(server.open().code == Err::none);
        Connection connection(client, server);
        CHECK(connection.establish());
        CHECK(connection.client.session->suite() == suite);
        CHECK(connection.server.session->suite() == suite);
    }
}

EACH_BACKEND("the shortest and the longest identities and keys") {
    if (!backend.can().psk) return;
    for (const Version version : versions_of(backend))
        for (const std::size_t name_size : {1u, 128u})
            for (const std::size_t key_size : {1u, 48u}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(name_size);
                CAPTURE(key_size);
                Keys keys;
                keys.known = std::string(name_size, '\xff');
                keys.secret = std::string(key_size, '\0');
                Settings client = psk_client();
                client.config.psk = {as_bytes(keys.known), as_bytes(keys.secret)};
                const Refusal result = connect_in(backend, version, client, psk_server(keys));
                CHECK(result.client_established);
                CHECK(result.server_established);
            }
}

EACH_BACKEND("an unknown identity, and a wrong key") {
    if (!backend.can().psk) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Keys stranger, other_key, longer_key;
        stranger.known = "sensor 8";
        other_key.secret[0] ^= 1;
        longer_key.secret += '\0';
        for (Keys* keys : {&stranger, &other_key, &longer_key}) {
            CAPTURE(keys->known);
            CAPTURE(keys->secret);
            const Refusal result = connect_in(backend, version, psk_client(), psk_server(*keys));
            if (keys == &stranger &&
                differs(backend, Difference::unknown_psk_has_nothing_in_common, version)) {
                CHECK(result.server == Err::handshake_failure);
                continue;
            }
            CHECK(result.server == Err::unknown_psk);
            CHECK(result.client == Err::peer_alert);
            CHECK(result.client_heard == static_cast<int>(Alert::unknown_psk_identity));
            CHECK_FALSE(result.client_established);
            CHECK_FALSE(result.server_established);
        }
    }
}

EACH_BACKEND("a wrong key, with each of the backend's suites") {
    for (const std::uint16_t suite : backend.backend().suites) {
        if (!uses_psk(suite)) continue;
        CAPTURE(std::string(suite_name(suite)));
        const std::vector<std::uint16_t> only{suite};
        Keys keys;
        keys.secret[0] ^= 1;
        Settings client = psk_client(), server = psk_server(keys);
        client.config.suites = server.config.suites = only;
        const Refusal result = connect_in(backend, Version::tls1_2, client, server);
        CHECK(result.server == Err::unknown_psk);
        CHECK(result.client == Err::peer_alert);
        CHECK(result.client_heard == static_cast<int>(Alert::unknown_psk_identity));
    }
}

EACH_BACKEND("a side that verifies only by a key accepts no certificate instead") {
    if (!backend.can().psk || !backend.can().certificates) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        // A server that has no key, but a certificate that many would trust.
        Refusal result = connect_in(backend, version, psk_client(), server_settings());
        CHECK_FALSE(result.client_established);
        CHECK_FALSE(result.server_established);
        const bool sees_certificate =
            differs(backend, Difference::psk_client_asks_for_certificates, version);
        CHECK(result.client == (sees_certificate ? Err::untrusted : Err::peer_alert));
        CHECK(result.server == (sees_certificate ? Err::peer_alert : Err::handshake_failure));
        // The same, with another key than the client's.
        Keys stranger;
        stranger.known = "sensor 8";
        Settings server = server_settings();
        server.config.psk_callback = stranger.callback();
        result = connect_in(backend, version, psk_client(), server);
        CHECK_FALSE(result.client_established);
        CHECK_FALSE(result.server_established);
        // A client that shows a certificate to a server that requires the key.
        Keys keys;
        result = connect_in(backend, version, client_with("client"), psk_server(keys));
        CHECK_FALSE(result.server_established);
        CHECK(result.server == Err::handshake_failure);
        CHECK(result.client_heard == static_cast<int>(Alert::handshake_failure));
        // The same with a certificate of the server's own.
        server = server_settings();
        server.config.verify = Verify::required;
        server.config.psk_callback = keys.callback();
        result = connect_in(backend, version, client_with("client"), server);
        CHECK_FALSE(result.server_established);
    }
}

// Some servers with keys do not answer a hello that offers more.
EACH_BACKEND("a client that verifies only by a key offers only suites with keys") {
    if (!backend.can().psk) return;
    for (const bool datagram : {false, true}) {
        if (datagram && !backend.can().dtls) continue;
        CAPTURE(datagram);
        Settings settings = psk_client().versions(Version::tls1_2);
        settings.config.datagram = datagram;
        Endpoint end(backend, settings);
        REQUIRE(end.open().code == Err::none);
        OwnedSession session(backend);
        REQUIRE(session->open(*end.context, settings.identity).code == Err::none);
        session->handshake();
        REQUIRE_FALSE(session->output().empty());
        WireReader hello(session->output());
        hello.bytes(datagram ? 13 + 12 : 5 + 4); // headers of record and message
        hello.bytes(2 + 32);
        hello.vector(1);
        if (datagram) hello.vector(1);
        WireReader suites(hello.vector(2));
        REQUIRE_FALSE(hello.is_bad());
        REQUIRE_FALSE(suites.at_end());
        constexpr std::uint32_t no_renegotiation = 0x00ff; // RFC 5746, 3.3: no suite
        while (!suites.at_end()) {
            const std::uint32_t suite = suites.number(2);
            CAPTURE(suite);
            CHECK((suite == no_renegotiation || uses_psk(static_cast<std::uint16_t>(suite))));
        }
    }
}

EACH_BACKEND("a key and certificates: the peer may use either") {
    if (!backend.can().psk || !backend.can().certificates) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Keys keys;
        Settings server = asking_server();
        server.config.psk_callback = keys.callback();
        Settings client = client_settings();
        client.config.psk = psk_client().config.psk;
        // Clients: with a certificate, with neither, with only the key.
        Refusal result = connect_in(backend, version, client_with("client"), server);
        CHECK(result.client_established);
        CHECK(result.server_established);
        result = connect_in(backend, version, client_settings(), server);
        CHECK(result.server == Err::no_peer_certificate);
        result = connect_in(backend, version, psk_client(), server);
        CHECK(result.client_established);
        CHECK(result.server_established);
        // Servers: with a valid certificate, with an invalid one, with only the key.
        result = connect_in(backend, version, client, server_settings());
        CHECK(result.client_established);
        result = connect_in(backend, version, client, server_settings("untrusted"));
        CHECK(result.client == Err::untrusted);
        result = connect_in(backend, version, client, psk_server(keys));
        CHECK(result.client_established);
        CHECK(result.server_established);
    }
}

EACH_BACKEND("half a key, a key of the other role, and sizes beyond the limits") {
    if (!backend.can().psk) return;
    Keys keys;
    Settings settings = psk_client();
    settings.config.psk.identity = {};
    opens(backend, settings, Err::invalid_argument);
    settings = psk_client();
    settings.config.psk.key = {};
    opens(backend, settings, Err::invalid_argument);
    const std::string long_identity(129, 'i'), long_key(49, 'k');
    settings = psk_client();
    settings.config.psk.identity = as_bytes(long_identity);
    opens(backend, settings, Err::invalid_argument);
    settings = psk_client();
    settings.config.psk.key = as_bytes(long_key);
    opens(backend, settings, Err::invalid_argument);
    settings = psk_client();
    settings.config.psk_callback = keys.callback();
    opens(backend, settings, Err::invalid_argument);
    settings = psk_server(keys);
    settings.config.psk = psk_client().config.psk;
    opens(backend, settings, Err::invalid_argument);
    // Suites that need a key, without a key.
    if (!backend.can().certificates) return;
    for (const std::uint16_t suite : backend.backend().suites)
        if (uses_psk(suite)) {
            const std::vector<std::uint16_t> only{suite};
            settings = client_settings();
            settings.config.suites = only;
            opens(backend, settings, Err::invalid_argument);
        }
}
