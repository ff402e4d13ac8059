// Handshakes in which one side verifies the other's certificate, in every version.
#pragma once

#include "support/connection.hpp"
#include "support/doctest.hpp"
#include "support/grid.hpp"

namespace ussl::test {

// The client's verdict on the server, and the alert that the server gets.
inline void check_server(const BackendUnderTest& backend, Settings client, const Settings& server,
                         Err verdict) {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings limited = server;
        const Refusal result =
            connect(backend, client.versions(version), backend, limited.versions(version));
        CHECK(result.client == verdict);
        CHECK(result.client_established == (verdict == Err::none));
        CHECK(result.server == (verdict == Err::none ? Err::none : Err::peer_alert));
        if (verdict != Err::none)
            CHECK(result.server_heard == static_cast<int>(alert_for(verdict)));
    }
}

// The server's verdict on the client.
inline void check_client(const BackendUnderTest& backend, const Settings& client,
                         const Settings& server, Err verdict) {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings limited_client = client, limited_server = server;
        const Refusal result = connect(backend, limited_client.versions(version), backend,
                                       limited_server.versions(version));
        CHECK(result.server == verdict);
        CHECK(result.server_established == (verdict == Err::none));
        CHECK(result.client == (verdict == Err::none ? Err::none : Err::peer_alert));
        // TLS 1.2 has no alert for a missing certificate (RFC 5246, 7.4.6).
        const Alert alert = verdict == Err::no_peer_certificate && version == Version::tls1_2
                                ? Alert::handshake_failure
                                : alert_for(verdict);
        if (verdict != Err::none) CHECK(result.client_heard == static_cast<int>(alert));
    }
}

} // namespace ussl::test
