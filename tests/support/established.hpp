// A connection's open contexts, and an established connection of one version between them.
#pragma once

#include "support/connection.hpp"
#include "support/doctest.hpp"

#include <memory>

namespace ussl::test {

// The test ends if one does not open.
struct OpenEnds {
    Endpoint client, server;

    OpenEnds(const BackendUnderTest& backend, const Settings& of_client, const Settings& of_server)
        : client(backend, of_client), server(backend, of_server) {
        REQUIRE(client.open().code == Err::none);
        REQUIRE(server.open().code == Err::none);
    }
};

struct Established {
    OpenEnds ends;
    std::unique_ptr<Connection> connection;

    Established(const BackendUnderTest& backend, Version version)
        : ends(backend, client_settings().versions(version), server_settings().versions(version)),
          connection(std::make_unique<Connection>(ends.client, ends.server)) {
        REQUIRE(connection->establish());
    }
    Side& client() { return connection->client; }
    Side& server() { return connection->server; }
    Side& side(Role role) { return role == Role::client ? client() : server(); }
    // The pipe towards this side.
    Pipe& towards(Role role) {
        return role == Role::client ? connection->to_client : connection->to_server;
    }
};

inline Role other(Role role) { return role == Role::client ? Role::server : Role::client; }

} // namespace ussl::test
