// Several certificates of a server, chosen by the name that the client asks for (RFC 6066, 3).
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// Beside "p256" (localhost, test.example): other.example, and *.wild.example.
std::span<const Credential> more() {
    static const Credential list[] = {credential("other-p256"), credential("wildcard")};
    return list;
}

struct Asked {
    int answer = -1;
    std::vector<std::string> names;

    ServerNameCallback callback() {
        return {this, [](void* user, std::string_view name) {
                    Asked& self = *static_cast<Asked*>(user);
                    self.names.emplace_back(name);
                    return self.answer;
                }};
    }
};

Settings server_of_names(Version version, Asked* asked = nullptr) {
    Settings server = server_settings().versions(version);
    server.config.more_credentials = more();
    if (asked != nullptr) server.config.server_name_callback = asked->callback();
    return server;
}

// Asks for `sni`, verifies `verified`.
Settings client_for(Version version, std::string_view sni, std::string_view verified) {
    Settings client = client_settings().versions(version);
    client.identity = {.sni = sni, .dns_name = verified};
    client.config.keep_peer_certificate = true;
    return client;
}

// The certificate that a client is shown, by its file; empty: the handshake failed.
std::string shown(const BackendUnderTest& backend, const Settings& client, const Settings& server) {
    OpenEnds ends(backend, client, server);
    Connection connection(ends.client, ends.server);
    if (!connection.establish()) return "";
    const Bytes seen = connection.client.session->peer_certificate();
    for (const char* name : {"p256", "other-p256", "wildcard", "rsa"})
        if (equal(seen, file(std::string(name) + ".crt.der"))) return name;
    return "another one";
}

} // namespace

EACH_BACKEND("the certificate is the one for the name that the client asks for") {
    if (!backend.can().server_names) return;
    const struct {
        std::string_view sni, verified;
        const char* shown;
    } rows[] = {
        {"localhost", "localhost", "p256"},
        {"test.example", "test.example", "p256"},
        {"other.example", "other.example", "other-p256"},
        {"OTHER.example", "other.example", "other-p256"},
        {"other.example.", "other.example", "other-p256"},
        {"a.wild.example", "a.wild.example", "wildcard"},
        {"b.wild.example", "b.wild.example", "wildcard"},
        // The first one, where none is for the name, and where there is no name.
        {"wild.example", "localhost", "p256"},
        {"unknown.example", "localhost", "p256"},
        {"", "localhost", "p256"},
        // Shown, and refused by the client.
        {"other.example", "localhost", ""},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.sni);
            CHECK(shown(backend, client_for(version, row.sni, row.verified),
                        server_of_names(version)) == row.shown);
        }
}

EACH_BACKEND("one context serves clients of all names, one after the other and at once") {
    if (!backend.can().server_names) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Endpoint server(backend, server_of_names(version));
        Endpoint first(backend, client_for(version, "localhost", "localhost"));
        Endpoint second(backend, client_for(version, "other.example", "other.example"));
        for (Endpoint* end : {&server, &first, &second})
            REQUIRE(end->open().code == Err::none);
        Connection one(first, server), two(second, server), three(first, server);
        CHECK(two.establish());
        CHECK(one.establish());
        CHECK(three.establish());
        CHECK(equal(one.client.session->peer_certificate(), file("p256.crt.der")));
        CHECK(equal(two.client.session->peer_certificate(), file("other-p256.crt.der")));
        CHECK(equal(three.client.session->peer_certificate(), file("p256.crt.der")));
    }
}

EACH_BACKEND("a further certificate may have another kind of key") {
    if (!backend.can().server_names || !backend.can().rsa) return;
    static const Credential keys[] = {credential("rsa")};
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings server = server_settings("other-p256").versions(version);
        server.config.more_credentials = keys;
        CHECK(shown(backend, client_for(version, "localhost", "localhost"), server) == "rsa");
        CHECK(shown(backend, client_for(version, "other.example", "other.example"), server) ==
              "other-p256");
    }
}

EACH_BACKEND("the handler chooses for names that no certificate is for, and for none") {
    if (!backend.can().server_names) return;
    const struct {
        std::string_view sni;
        int answer;
        std::string_view verified;
        const char* shown;
        unsigned calls;
    } rows[] = {
        {"unknown.example", 0, "localhost", "p256", 1},
        {"unknown.example", 1, "other.example", "other-p256", 1},
        {"unknown.example", 2, "x.wild.example", "wildcard", 1},
        {"", 1, "other.example", "other-p256", 1},
        {"other.example", 0, "other.example", "other-p256", 0},
        {"a.wild.example", -1, "a.wild.example", "wildcard", 0},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.sni);
            CAPTURE(row.answer);
            Asked asked{.answer = row.answer, .names = {}};
            CHECK(shown(backend, client_for(version, row.sni, row.verified),
                        server_of_names(version, &asked)) == row.shown);
            CHECK(asked.names.size() == row.calls);
            for (const std::string& name : asked.names)
                CHECK(name == row.sni);
        }
}

EACH_BACKEND("what the handler refuses is unrecognized_name on both ends") {
    if (!backend.can().server_names) return;
    for (const Version version : versions_of(backend))
        for (const std::string_view sni : {"unknown.example", ""})
            for (const int answer : {-1, 3}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(sni);
                CAPTURE(answer);
                Asked asked{.answer = answer, .names = {}};
                const Refusal result = connect(backend, client_for(version, sni, "localhost"),
                                               backend, server_of_names(version, &asked));
                CHECK(result.server == Err::unknown_server_name);
                CHECK(result.client == Err::peer_alert);
                CHECK(result.client_heard == static_cast<int>(Alert::unrecognized_name));
                CHECK_FALSE(result.client_established);
                CHECK_FALSE(result.server_established);
                CHECK(asked.names.size() == 1);
            }
}

EACH_BACKEND("client certificates are asked for under every name") {
    if (!backend.can().server_names || !backend.can().client_certificates) return;
    for (const Version version : versions_of(backend)) {
        Settings server = server_of_names(version);
        server.config.verify = Verify::required;
        server.config.trust_anchors = anchors({"ca"});
        Settings client = client_for(version, "other.example", "other.example");
        CHECK(connect(backend, client, backend, server).server == Err::no_peer_certificate);
        client.config.credential = credential("client");
        CHECK(connect(backend, client, backend, server).server_established);
    }
}

EACH_BACKEND("bad further credentials are found when the context opens") {
    const Err expected_mismatch = backend.can().server_names ? Err::key_mismatch : Err::unsupported;
    const Credential mixed[] = {credential("other-p256"),
                                {credential("wildcard").chain, credential("p384").private_key, {}}};
    Settings server = server_settings();
    server.config.more_credentials = mixed;
    Endpoint endpoint(backend, server);
    CHECK(endpoint.open().code == expected_mismatch);
    CHECK_FALSE(endpoint.context->is_open());
    // The context is as good as new.
    endpoint.settings = server_settings();
    CHECK(endpoint.open().code == Err::none);
}

EACH_BACKEND("without the capability several certificates, or a handler, are unsupported") {
    if (backend.can().server_names) return;
    Asked asked;
    Settings server = server_settings();
    server.config.more_credentials = more();
    CHECK(Endpoint(backend, server).open().code == Err::unsupported);
    server = server_settings();
    server.config.server_name_callback = asked.callback();
    CHECK(Endpoint(backend, server).open().code == Err::unsupported);
}
