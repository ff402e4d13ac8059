// The rows of own_keys.py on every backend, in both roles: valid keys sign handshakes; damaged ones
// open no context, so that they never sign, and give the same error.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

Settings server_with(const Credential& own) {
    Settings settings = server_settings();
    settings.config.credential = own;
    return settings;
}

Settings client_showing(const Credential& own) {
    Settings settings = client_settings();
    settings.config.credential = own;
    return settings;
}

Err open(const BackendUnderTest& backend, const Settings& settings) {
    return Endpoint(backend, settings).open().code;
}

// The certificates are a server's, and have keys that peers may find too small.
Settings lenient(Settings settings) {
    settings.config.policy.check_purpose = settings.config.policy.check_key_strength = false;
    return settings;
}

} // namespace

EACH_BACKEND("own keys open a server, or are refused, as the table says") {
    for (const OwnKey& row : own_keys()) {
        CAPTURE(row.name);
        CHECK(open(backend, server_with(row.credential)) == row.opened);
    }
}

EACH_BACKEND("own keys open a client, or are refused, as the table says") {
    if (!backend.can().client_certificates) return;
    for (const OwnKey& row : own_keys()) {
        CAPTURE(row.name);
        CHECK(open(backend, client_showing(row.credential)) == row.opened);
    }
}

EACH_BACKEND("a further credential's key is checked like the first one's") {
    if (!backend.can().server_names) return;
    for (const OwnKey& row : own_keys()) {
        CAPTURE(row.name);
        Settings settings = server_settings();
        settings.config.more_credentials = {&row.credential, 1};
        CHECK(open(backend, settings) == row.opened);
    }
}

EACH_BACKEND("own keys that are accepted sign handshakes, in both roles") {
    for (const OwnKey& row : own_keys()) {
        if (row.opened != Err::none) continue;
        for (const Version version : versions_of(backend)) {
            CAPTURE(row.name);
            CAPTURE(version);
            const Refusal as_server = connect(backend, lenient(client_settings().versions(version)),
                                              backend, server_with(row.credential));
            CHECK(as_server.client_established);
            CHECK(as_server.server_established);
            if (!backend.can().client_certificates) continue;
            const Refusal as_client =
                connect(backend, client_showing(row.credential).versions(version), backend,
                        lenient(asking_server()));
            CHECK(as_client.client_established);
            CHECK(as_client.server_established);
        }
    }
}
