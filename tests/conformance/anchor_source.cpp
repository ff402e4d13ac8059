// Anchors that are found when a path needs them, instead of a list.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"

#include "ussl/root_bundle.hpp"
#include "ussl/x509/trust_anchor.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

// A list behind a program's own function: the same anchors, looked up one at a time.
bool find_in_list(void* user, const Bytes& name, unsigned number, x509::TrustAnchor& anchor) {
    for (const Bytes& der : *static_cast<const std::span<const Bytes>*>(user))
        if (equal(x509::subject_of(der), name) && number-- == 0)
            return x509::read_anchor(der, anchor);
    return false;
}

struct Sources {
    std::span<const Bytes> list = anchors({"ca", "rsa-ca", "p384-ca"});
    RootBundle roots;
    const AnchorSource& bundle = roots.source();
    AnchorSource function{&list, find_in_list, {}};

    Sources() { REQUIRE(roots.open(file("roots.bin")) == Err::none); }
};

Settings trusting(Settings settings, const AnchorSource& source) {
    settings.config.trust_anchors = {};
    settings.config.anchor_source = &source;
    return settings;
}

} // namespace

EACH_BACKEND("a client verifies a server with anchors from a source") {
    const Sources sources;
    const struct {
        const char* leaf;
        Err verdict;
    } rows[] = {
        {"p256", Err::none},
        {"p384-chain", Err::none},
        {"rsa-chain", Err::none},
        {"direct", Err::none},
        {"untrusted", Err::untrusted},
        {"expired", Err::expired},
        {"wronghost", Err::wrong_host},
        {"badsignature", Err::untrusted},
        {"expired-ca", Err::untrusted},
    };
    for (const Version version : versions_of(backend)) {
        for (const AnchorSource* source : {&sources.bundle, &sources.function}) {
            for (const auto& row : rows) {
                INFO((std::string(name_of(version)) + ", " + row.leaf));
                // The bundle has that one, too.
                const bool has_expired = source == &sources.bundle;
                const bool by_expired = std::string_view(row.leaf) == "expired-ca" && has_expired;
                Endpoint client(backend, trusting(client_settings(), *source).versions(version));
                Endpoint server(backend, server_settings(row.leaf).versions(version));
                server.settings.config.policy.check_time = false;
                REQUIRE(client.open().code == Err::none);
                REQUIRE(server.open().code == Err::none);
                Connection connection(client, server);
                CHECK(connection.establish() == (row.verdict == Err::none));
                CHECK(connection.client.err() == (by_expired ? Err::expired : row.verdict));
            }
        }
    }
}

EACH_BACKEND("a server with a source verifies clients, and names no authorities in its request") {
    const Sources sources;
    for (const Version version : versions_of(backend)) {
        for (const AnchorSource* source : {&sources.bundle, &sources.function}) {
            for (const char* leaf : {"client", "client-rsa", "client-untrusted"}) {
                INFO((std::string(name_of(version)) + ", " + leaf));
                const Err verdict =
                    std::string_view(leaf) == "client-untrusted" ? Err::untrusted : Err::none;
                Endpoint client(backend, client_with(leaf).versions(version));
                Endpoint server(backend, trusting(asking_server(), *source).versions(version));
                REQUIRE(client.open().code == Err::none);
                REQUIRE(server.open().code == Err::none);
                Connection connection(client, server);
                connection.handshake();
                connection.hear_alerts();
                CHECK(connection.server.err() == verdict);
            }
        }
    }
}

EACH_BACKEND("a client with a pre-shared key and a source accepts a certificate, too") {
    if (!backend.can().psk) return;
    const Sources sources;
    for (const Version version : versions_of(backend)) {
        for (const char* leaf : {"p256", "untrusted"}) {
            INFO((std::string(name_of(version)) + ", " + leaf));
            const bool good = std::string_view(leaf) == "p256";
            Settings settings = trusting(client_settings(), sources.bundle).versions(version);
            settings.config.psk = {as_bytes("me"), as_bytes("key")};
            Endpoint client(backend, settings);
            Endpoint server(backend, server_settings(leaf).versions(version));
            REQUIRE(client.open().code == Err::none);
            REQUIRE(server.open().code == Err::none);
            Connection connection(client, server);
            CHECK(connection.establish() == good);
            CHECK(connection.client.err() == (good ? Err::none : Err::untrusted));
        }
    }
}

EACH_BACKEND("a session is resumed only with the same anchor source") {
    if (!backend.can().resumption) return;
    const Sources sources;
    const RootBundle others(file("debian.bin"));
    for (const Version version : versions_of(backend)) {
        INFO(std::string(name_of(version)));
        Settings settings = trusting(client_settings(), sources.bundle).versions(version);
        settings.config.resumption = true;
        Endpoint server(backend, server_settings().versions(version));
        server.settings.config.resumption = true;
        REQUIRE(server.open().code == Err::none);
        Blob data;
        // Resumed or not: the last column.
        const struct {
            const AnchorSource* source;
            bool and_list, resumes;
        } rows[] = {
            {&sources.bundle, false, false}, // nothing to resume yet
            {&sources.bundle, false, true},
            {&sources.bundle, true, false},
            {&sources.function, false, false},
            {&others.source(), true, false},
            {nullptr, true, false},
        };
        for (const auto& row : rows) {
            Settings changed = settings;
            changed.config.anchor_source = row.source;
            if (row.and_list) changed.config.trust_anchors = sources.list;
            changed.identity.resumption = data;
            Endpoint client(backend, changed);
            REQUIRE(client.open().code == Err::none);
            Connection connection(client, server);
            CHECK(connection.establish());
            CHECK(connection.client.session->is_resumed() == row.resumes);
            if (!data.empty()) continue;
            CHECK(connection.server.write("tickets come before it") != 0);
            CHECK(connection.client.read_all() == Status::want_read);
            data = stored(*connection.client.session);
            CHECK_FALSE(data.empty());
        }
    }
}
