#include "support/connection.hpp"

#include "support/doctest.hpp"

#include <vector>

namespace ussl::test {
namespace {

bool is_final(Status status) { return status != Status::want_read && status != Status::want_write; }

// More rounds than a wire that stutters in every direction needs to move a byte.
constexpr unsigned patience = 8;

// What both ends have in builds without certificates.
constexpr std::string_view psk_identity = "a client", psk_key = "0123456789abcdef";
bool find_psk(void*, Bytes identity, Bytes* key) {
    *key = as_bytes(psk_key);
    return equal(identity, as_bytes(psk_identity));
}

} // namespace

Settings client_settings() {
    Settings settings;
    settings.config.role = Role::client;
    if (!features::certificates) {
        settings.config.psk = {as_bytes(psk_identity), as_bytes(psk_key)};
        return settings;
    }
    settings.config.trust_anchors = anchors({"ca", "rsa-ca", "p384-ca"});
    settings.identity.sni = settings.identity.dns_name = "localhost";
    return settings;
}

namespace {
// Without check_time an end also sends certificates that are out of date, for the peer to judge.
bool is_in_date(const std::string& name) {
    return name.find("expired") == std::string::npos && name.find("future") == std::string::npos;
}
} // namespace

Settings client_with(const std::string& credential_name) {
    Settings settings = client_settings();
    settings.config.credential = credential(credential_name);
    settings.config.policy.check_time = is_in_date(credential_name);
    return settings;
}

Settings server_settings(const std::string& credential_name) {
    Settings settings;
    settings.config.role = Role::server;
    if (!features::certificates) {
        settings.config.psk_callback = {nullptr, find_psk};
        return settings;
    }
    settings.config.verify = Verify::none;
    settings.config.credential = credential(credential_name);
    settings.config.policy.check_time = is_in_date(credential_name);
    return settings;
}

Settings resuming(Settings settings, Version version) {
    settings.versions(version);
    settings.config.resumption = true;
    return settings;
}

Settings asking_server(Verify verify) {
    Settings settings = server_settings();
    settings.config.verify = verify;
    settings.config.trust_anchors = anchors({"ca", "rsa-ca", "p384-ca"});
    return settings;
}

Status Side::read_all(std::size_t chunk) {
    std::vector<std::uint8_t> buffer(chunk);
    for (;;) {
        const PumpResult result = pump.read(buffer);
        if (result.status != Status::ok) return result.status;
        received.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(result.bytes));
    }
}

Connection::Connection(Endpoint& client_end, Endpoint& server_end)
    : Connection(client_end, server_end, client_end.settings.identity) {}

Connection::Connection(Endpoint& client_end, Endpoint& server_end, const PeerIdentity& identity)
    : client(client_end.backend, to_server, to_client),
      server(server_end.backend, to_client, to_server) {
    REQUIRE(client.session->open(*client_end.context, identity).code == Err::none);
    REQUIRE(server.session->open(*server_end.context, server_end.settings.identity).code ==
            Err::none);
}

bool Connection::ended(Side& side, Status status) {
    if (!is_final(status)) return false;
    if (status != Status::ok) side.wire.out().closed = true;
    return true;
}

Connection::Outcome Connection::handshake() {
    Outcome both{Status::want_read, Status::want_read};
    std::size_t before = unlimited;
    for (unsigned still = 0; still < patience;) {
        const bool client_ended = ended(client, both.client);
        const bool server_ended = ended(server, both.server);
        if (client_ended && server_ended) break;
        // A side that has finished keeps its output moving.
        if (client_ended)
            client.pump.flush();
        else
            both.client = client.pump.handshake().status;
        if (server_ended)
            server.pump.flush();
        else
            both.server = server.pump.handshake().status;
        const std::size_t moved =
            to_server.sent + to_server.taken() + to_client.sent + to_client.taken();
        still = moved == before ? still + 1 : 0;
        before = moved;
    }
    ended(client, both.client);
    ended(server, both.server);
    return both;
}

void Connection::hear_alerts() {
    for (Side* side : {&client, &server, &client})
        if (side->session->is_established()) ended(*side, side->read_all());
}

Refusal connect(const BackendUnderTest& client_backend, const Settings& client,
                const BackendUnderTest& server_backend, const Settings& server) {
    Endpoint client_end(client_backend, client), server_end(server_backend, server);
    Refusal refusal;
    refusal.client = client_end.open().code;
    refusal.server = server_end.open().code;
    if (refusal.client != Err::none || refusal.server != Err::none) return refusal;
    {
        // Errors of opening a session count, too.
        OwnedSession probe(client_backend);
        refusal.client = probe->open(*client_end.context, client.identity).code;
        OwnedSession server_probe(server_backend);
        refusal.server = server_probe->open(*server_end.context, server.identity).code;
        if (refusal.client != Err::none || refusal.server != Err::none) return refusal;
    }
    Connection connection(client_end, server_end);
    connection.handshake();
    refusal.client_established = connection.client.session->is_established();
    refusal.server_established = connection.server.session->is_established();
    connection.hear_alerts();
    refusal.client = connection.client.err();
    refusal.server = connection.server.err();
    refusal.client_heard = connection.client.session->error().alert;
    refusal.server_heard = connection.server.session->error().alert;
    return refusal;
}

} // namespace ussl::test
