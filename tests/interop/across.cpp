// Sessions of one backend with another's: resumption, pre-shared keys.
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

using Blob = std::vector<std::uint8_t>;

// With a client of each backend and a server of each, in each version that both have.
void for_each_pair(bool Capabilities::*needed,
                   const std::function<void(const BackendUnderTest& client,
                                            const BackendUnderTest& server, Version)>& check) {
    for (const BackendUnderTest& client : backends())
        for (const BackendUnderTest& server : backends())
            for (const Version version : {Version::tls1_2, Version::tls1_3}) {
                const auto has = [&](bool Capabilities::*what) {
                    return client.can().*what && server.can().*what;
                };
                if (!has(needed) || !client.can().client || !server.can().server ||
                    !has(version == Version::tls1_2 ? &Capabilities::tls1_2
                                                    : &Capabilities::tls1_3))
                    continue;
                CAPTURE(std::string(client.name));
                CAPTURE(std::string(server.name));
                CAPTURE(std::string(name_of(version)));
                check(client, server, version);
            }
}

void talk(Connection& connection) {
    CHECK(connection.client.write("there") == 5);
    CHECK(connection.server.write("back") == 4);
    CHECK(connection.server.read_all() == Status::want_read);
    const Status read = connection.client.read_all();
    CAPTURE(text_of(connection.client.session->error()));
    CHECK(read == Status::want_read);
    CHECK(connection.server.received == "there");
    CHECK(connection.client.received == "back");
}

// Connects, and returns the data that resume the session.
Blob connect_once(Endpoint& client, Endpoint& server, Bytes resumption, bool resumed) {
    PeerIdentity identity = client.settings.identity;
    identity.resumption = resumption;
    Connection connection(client, server, identity);
    REQUIRE(connection.establish());
    talk(connection);
    CHECK(connection.client.session->is_resumed() == resumed);
    CHECK(connection.server.session->is_resumed() == resumed);
    Blob data(connection.client.session->resumption_data({}));
    connection.client.session->resumption_data(data);
    return data;
}

constexpr std::string_view psk_identity = "sensor 7", psk_key = "0123456789abcdef0123456789abcdef";

bool find_key(void*, Bytes name, Bytes* key) {
    *key = as_bytes(psk_key);
    return equal(name, as_bytes(psk_identity));
}

} // namespace

TEST_CASE("a session is resumed whichever backends the two ends have") {
    for_each_pair(&Capabilities::resumption, [](const BackendUnderTest& client,
                                                const BackendUnderTest& server, Version version) {
        Settings client_side = client_settings(), server_side = server_settings();
        client_side.config.resumption = server_side.config.resumption = true;
        Endpoint client_end(client, client_side.versions(version)),
            server_end(server, server_side.versions(version));
        REQUIRE(client_end.open().code == Err::none);
        REQUIRE(server_end.open().code == Err::none);
        // A client that only has session IDs is resumed by a server that stores sessions.
        const bool possible = !differs(client, Difference::sessions_by_id_only) ||
                              differs(server, Difference::sessions_by_id_only);
        Blob data = connect_once(client_end, server_end, {}, false);
        for (int again = 0; again < 2; ++again)
            data = connect_once(client_end, server_end, data, possible);
    });
}

TEST_CASE("pre-shared keys serve whichever backends the two ends have") {
    for_each_pair(&Capabilities::psk, [](const BackendUnderTest& client,
                                         const BackendUnderTest& server, Version version) {
        for (const bool right : {true, false}) {
            Settings client_side, server_side;
            client_side.config.psk = {
                as_bytes(psk_identity),
                as_bytes(right ? psk_key : "another key of the same size !!")};
            server_side.config.role = Role::server;
            server_side.config.psk_callback = {nullptr, find_key};
            Endpoint client_end(client, client_side.versions(version)),
                server_end(server, server_side.versions(version));
            REQUIRE(client_end.open().code == Err::none);
            REQUIRE(server_end.open().code == Err::none);
            Connection connection(client_end, server_end);
            CHECK(connection.establish() == right);
            if (right) talk(connection);
        }
    });
}
