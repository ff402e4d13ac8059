// Two sessions and the wire between them.
#pragma once

#include "support/backends.hpp"
#include "support/material.hpp"
#include "support/wire.hpp"

#include "ussl/pump.hpp"

#include <string>

namespace ussl::test {

// A client's stored session (Session::resumption_data()); empty if there is none.
inline std::vector<std::uint8_t> stored(Session& session) {
    std::vector<std::uint8_t> data(session.resumption_data({}));
    data.resize(session.resumption_data(data));
    return data;
}

struct Settings {
    ContextConfig config;
    PeerIdentity identity;
    const Environment* environment = &posix_environment();

    Settings& versions(Version version) {
        config.min_version = config.max_version = version;
        return *this;
    }
};

// A client that verifies "localhost" against all valid authorities. Builds without certificates:
// one with a pre-shared key, which server_settings() accepts.
Settings client_settings();
// As client_settings(), with this credential for servers that ask.
Settings client_with(const std::string& credential_name);
// A server with this leaf that asks for no client certificate.
Settings server_settings(const std::string& credential_name = "p256");
// These settings, limited to this version, with ContextConfig::resumption.
Settings resuming(Settings settings, Version version);
// A server that requires a client certificate.
Settings asking_server(Verify verify = Verify::required);

// A context with its settings, for any number of connections.
struct Endpoint {
    const BackendUnderTest& backend;
    Settings settings;
    OwnedContext context{backend};

    Endpoint(const BackendUnderTest& backend_, const Settings& settings_)
        : backend(backend_), settings(settings_) {}
    Error open() { return context->open(settings.config, *settings.environment); }
};

struct Side {
    OwnedSession session;
    WireEnd wire;
    Pump<Session, WireEnd> pump{*session, wire};
    std::string received;

    Side(const BackendUnderTest& backend, Pipe& out, Pipe& in) : session(backend), wire(out, in) {}

    // Reads into `received` until a status other than ok.
    Status read_all(std::size_t chunk = 4096);
    // Writes all of it, as far as the wire has room.
    std::size_t write(std::string_view text) { return pump.write(as_bytes(text)).bytes; }
    Err err() const { return session->error().code; }
};

class Connection {
public:
    // Both contexts must be open. Fails the test if a session does not open.
    Connection(Endpoint& client, Endpoint& server);
    // With this peer's identity, instead of the client's.
    Connection(Endpoint& client, Endpoint& server, const PeerIdentity& identity);

    Pipe to_server, to_client;
    Side client, server;

    struct Outcome {
        Status client, server;
    };
    // Runs both handshakes until each has ended, or nothing moves any more.
    Outcome handshake();
    bool establish() {
        const Outcome both = handshake();
        return both.client == Status::ok && both.server == Status::ok;
    }

    // After a handshake that one side refused: each side that still believes itself open reads, so
    // that it gets the other one's alert.
    void hear_alerts();

private:
    // A side that has failed closes its transport, as programs do.
    static bool ended(Side& side, Status status);
};

// For tests of a single refusal: opens both contexts, runs the handshake, reads the alerts.
struct Refusal {
    Err client = Err::none, server = Err::none;      // whichever step it came from
    std::uint8_t client_heard = 0, server_heard = 0; // alerts
    bool client_established = false, server_established = false;
};
Refusal connect(const BackendUnderTest& client_backend, const Settings& client,
                const BackendUnderTest& server_backend, const Settings& server);

} // namespace ussl::test
