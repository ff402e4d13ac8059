// An established connection of one version, with its contexts, in one object.
#pragma once

#include "support/connection.hpp"
#include "support/doctest.hpp"

#include <memory>

namespace ussl::test {

struct Established {
    Endpoint client_end, server_end;
    std::unique_ptr<Connection> connection;

    Established(const BackendUnderTest& backend, Version version)
        : client_end(backend, client_settings().versions(version)),
          server_end(backend, server_settings().versions(version)) {
        REQUIRE(client_end.open().code == Err::none);
        REQUIRE(server_end.open().code == Err::none);
        connection = std::make_unique<Connection>(client_end, server_end);
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
