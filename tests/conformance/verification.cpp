// Who is accepted: verdicts on certificates, the same on every backend and in every version.
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/judged.hpp"
#include "support/test_environment.hpp"

#include "ussl/x509/certificate.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

const std::uint8_t loopback4[] = {127, 0, 0, 1}, other4[] = {127, 0, 0, 2};
const std::uint8_t loopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

bool runs(const BackendUnderTest& backend, std::string_view leaf) {
    return backend.can().rsa || leaf.find("rsa") == std::string_view::npos;
}

} // namespace

// Some libraries' servers do not send a certificate that may not sign.
static bool is_shown(const BackendUnderTest& backend, std::string_view leaf) {
    if (leaf != "agree-only" || !differs(backend, Difference::certificate_usage_is_checked))
        return true;
    const Refusal result = connect(backend, client_settings().versions(Version::tls1_2), backend,
                                   server_settings("agree-only").versions(Version::tls1_2));
    CHECK(result.server == Err::handshake_failure);
    return false;
}

EACH_BACKEND("each server leaf gets its verdict") {
    const struct {
        const char* leaf;
        Err verdict;
    } rows[] = {
        {"p256", Err::none},
        {"direct", Err::none},
        {"noeku", Err::none},
        {"anyeku", Err::none},
        {"unknown-extension", Err::none},
        {"expired", Err::expired},
        {"future", Err::not_yet_valid},
        {"expired-inter", Err::expired},
        {"wronghost", Err::wrong_host},
        {"wildcard", Err::wrong_host},
        {"ip", Err::wrong_host},
        {"cn-only", Err::wrong_host},
        {"clientonly", Err::wrong_purpose},
        {"agree-only", Err::wrong_purpose},
        {"rsa1024", Err::weak_key},
        {"rsa1024-expired", Err::weak_key},
        {"sha1-rsa", Err::weak_signature},
        {"sha1-ecdsa", Err::weak_signature},
        {"selfsigned", Err::untrusted},
        {"untrusted", Err::untrusted},
        {"badsignature", Err::untrusted},
        {"expired-ca", Err::untrusted},
        {"inter-not-ca", Err::untrusted},
        {"inter-no-sign", Err::untrusted},
        {"path-length", Err::untrusted},
        {"constrained-softly", backend.can().name_constraints ? Err::untrusted : Err::unsupported},
    };
    for (const auto& row : rows) {
        if (!runs(backend, row.leaf) || !is_shown(backend, row.leaf)) continue;
        CAPTURE(std::string(row.leaf));
        check_server(backend, client_settings(), server_settings(row.leaf), row.verdict);
    }
}

EACH_BACKEND("a name or an address is verified, whichever was given") {
    const struct {
        const char* leaf;
        PeerIdentity identity;
        Err verdict;
    } rows[] = {
        {"p256", {.dns_name = "test.example"}, Err::none},
        {"p256", {.dns_name = "TEST.example."}, Err::none},
        {"p256", {.sni = "other.example", .dns_name = "test.example"}, Err::none},
        {"p256", {.sni = "test.example", .dns_name = "other.example"}, Err::wrong_host},
        {"p256", {.dns_name = "sub.test.example"}, Err::wrong_host},
        {"wildcard", {.dns_name = "any.wild.example"}, Err::none},
        {"wildcard", {.dns_name = "wild.example"}, Err::wrong_host},
        {"wildcard", {.dns_name = "a.b.wild.example"}, Err::wrong_host},
        {"cn-only", {.dns_name = "localhost"}, Err::wrong_host},
        {"ip", {.ip_address = loopback4}, Err::none},
        {"ip", {.ip_address = loopback6}, Err::none},
        {"ip", {.ip_address = other4}, Err::wrong_host},
        {"ip", {.sni = "localhost", .ip_address = loopback4}, Err::none},
        {"p256", {.ip_address = loopback4}, Err::wrong_host},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.leaf));
        CAPTURE(row.identity.dns_name);
        Settings client = client_settings();
        client.identity = row.identity;
        check_server(backend, client, server_settings(row.leaf), row.verdict);
    }
}

EACH_BACKEND("each check can be switched off alone") {
    const struct {
        const char* leaf;
        bool Policy::*rule;
    } rows[] = {
        {"expired", &Policy::check_time},       {"expired-inter", &Policy::check_time},
        {"future", &Policy::check_time},        {"wronghost", &Policy::check_identity},
        {"cn-only", &Policy::check_identity},   {"clientonly", &Policy::check_purpose},
        {"agree-only", &Policy::check_purpose},
    };
    bool Policy::*const rules[] = {&Policy::check_time, &Policy::check_identity,
                                   &Policy::check_purpose};
    for (const auto& row : rows)
        for (bool Policy::*rule : rules) {
            if (!is_shown(backend, row.leaf)) continue;
            CAPTURE(std::string(row.leaf));
            Settings client = client_settings();
            client.config.policy.*rule = false;
            const Refusal result = connect(backend, client, backend, server_settings(row.leaf));
            CHECK(result.client_established == (rule == row.rule));
        }
    // A check that is switched off is not made, so it needs nothing.
    Settings client = client_settings();
    client.config.policy.check_identity = false;
    client.identity = {};
    TestEnvironment clockless;
    clockless.clock_set = false;
    client.config.policy.check_time = false;
    client.environment = &clockless.environment;
    check_server(backend, client, server_settings(), Err::none);
    check_server(backend, client, server_settings("untrusted"), Err::untrusted);
}

EACH_BACKEND("modes of verification on a client") {
    Settings none = client_settings();
    none.config.verify = Verify::none;
    none.config.trust_anchors = {};
    none.identity = {};
    for (const char* leaf :
         {"p256", "untrusted", "selfsigned", "expired", "wronghost", "clientonly"}) {
        CAPTURE(std::string(leaf));
        check_server(backend, none, server_settings(leaf), Err::none);
    }
    Settings optional = client_settings();
    optional.config.verify = Verify::optional;
    check_server(backend, optional, server_settings(), Err::none);
    check_server(backend, optional, server_settings("untrusted"), Err::untrusted);
    check_server(backend, optional, server_settings("wronghost"), Err::wrong_host);
}

EACH_BACKEND("modes of verification on a server") {
    const struct {
        const char* leaf; // empty: the client has no certificate
        Err required, optional;
    } rows[] = {
        {"client", Err::none, Err::none},
        {"client-p384", Err::none, Err::none},
        {"client-rsa", Err::none, Err::none},
        {"", Err::no_peer_certificate, Err::none},
        {"client-expired", Err::expired, Err::expired},
        {"client-untrusted", Err::untrusted, Err::untrusted},
        {"client-rsa1024", Err::weak_key, Err::weak_key},
        {"p256", Err::wrong_purpose, Err::wrong_purpose},
        {"selfsigned", Err::untrusted, Err::untrusted},
    };
    for (const auto& row : rows) {
        if (!runs(backend, row.leaf) || !is_shown(backend, row.leaf)) continue;
        CAPTURE(std::string(row.leaf));
        const Settings client = *row.leaf != '\0' ? client_with(row.leaf) : client_settings();
        check_client(backend, client, asking_server(Verify::required), row.required);
        check_client(backend, client, asking_server(Verify::optional), row.optional);
        check_client(backend, client, server_settings(), Err::none);
    }
}

EACH_BACKEND("a client without a certificate gets its version's alert") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        const Refusal result = connect(backend, client_settings().versions(version), backend,
                                       asking_server().versions(version));
        CHECK(result.server == Err::no_peer_certificate);
        CHECK_FALSE(result.server_established);
        CHECK(result.client == Err::peer_alert);
        // RFC 5246, 7.4.6; RFC 8446, 4.4.2.4
        CHECK(result.client_heard == static_cast<int>(version == Version::tls1_3
                                                          ? Alert::certificate_required
                                                          : Alert::handshake_failure));
    }
}

EACH_BACKEND("a server verifies clients by its own policy") {
    Settings server = asking_server();
    server.config.policy.check_time = false;
    check_client(backend, client_with("client-expired"), server, Err::none);
    server = asking_server();
    server.config.policy.check_purpose = false;
    check_client(backend, client_with("p256"), server, Err::none);
}

EACH_BACKEND("the time comes from the environment's clock") {
    x509::Certificate leaf;
    REQUIRE(x509::parse(file("p256.crt.der"), leaf));
    TestEnvironment device;
    Settings client = client_settings();
    client.environment = &device.environment;
    const struct {
        UnixTime now;
        Err verdict;
    } rows[] = {
        {leaf.not_before - 1, Err::not_yet_valid},
        {leaf.not_before, Err::none},
        {leaf.not_after, Err::none},
        {leaf.not_after + 1, Err::expired},
        {leaf.not_after + 40 * 365 * 86400LL, Err::expired}, // beyond 2050 and 32 bits
    };
    for (const auto& row : rows) {
        CAPTURE(row.now);
        device.time = row.now;
        check_server(backend, client, server_settings(), row.verdict);
    }
}

EACH_BACKEND("missing names, anchors and clocks are reported before a byte is sent") {
    const auto error_of = [&backend](const Settings& settings) {
        Endpoint endpoint(backend, settings);
        const Err error = endpoint.open().code;
        if (error != Err::none) return error;
        OwnedSession session(backend);
        return session->open(*endpoint.context, settings.identity).code;
    };
    for (const Verify verify : {Verify::required, Verify::optional}) {
        Settings settings = client_settings();
        settings.config.verify = verify;
        CHECK(error_of(settings) == Err::none);
        Settings anonymous = settings;
        anonymous.identity = {.sni = "localhost"};
        CHECK(error_of(anonymous) == Err::no_server_name);
        Settings trustless = settings;
        trustless.config.trust_anchors = {};
        CHECK(error_of(trustless) == Err::no_trust_anchors);
        TestEnvironment device;
        Settings timeless = settings;
        timeless.environment = &device.environment;
        device.clock_set = false;
        CHECK(error_of(timeless) == Err::clock_not_set);
        device.clock_set = true;
        device.time = earliest_time - 1;
        CHECK(error_of(timeless) == Err::clock_not_set);
        device.environment.now = nullptr;
        CHECK(error_of(timeless) == Err::clock_not_set);
    }
    Settings server = asking_server();
    server.config.trust_anchors = {};
    CHECK(error_of(server) == Err::no_trust_anchors);
    TestEnvironment device;
    device.clock_set = false;
    server = asking_server();
    server.environment = &device.environment;
    CHECK(error_of(server) == Err::clock_not_set);
    server = server_settings();
    server.environment = &device.environment;
    CHECK(error_of(server) == Err::none);
}

EACH_BACKEND("the peer's certificate is kept on request, also after a refusal") {
    for (const Version version : versions_of(backend))
        for (const char* leaf : {"p256", "wronghost"}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(leaf));
            for (const bool keep : {true, false}) {
                Settings client = client_with("client").versions(version);
                Settings server = asking_server().versions(version);
                server.config.credential = credential(leaf);
                client.config.keep_peer_certificate = server.config.keep_peer_certificate = keep;
                OpenEnds ends(backend, client, server);
                Connection connection(ends.client, ends.server);
                const bool established = connection.establish();
                const Blob& own = file(std::string(leaf) + ".crt.der");
                CHECK(equal(connection.client.session->peer_certificate(),
                            keep ? Bytes(own) : Bytes{}));
                if (established)
                    CHECK(equal(connection.server.session->peer_certificate(),
                                keep ? Bytes(file("client.crt.der")) : Bytes{}));
                connection.client.session->close();
                CHECK(equal(connection.client.session->peer_certificate(),
                            keep ? Bytes(own) : Bytes{}));
            }
        }
}

EACH_BACKEND("a server without a client certificate returns none") {
    Settings server = asking_server(Verify::optional);
    server.config.keep_peer_certificate = true;
    OpenEnds ends(backend, client_settings(), server);
    Connection connection(ends.client, ends.server);
    CHECK(connection.establish());
    CHECK(connection.server.session->peer_certificate().empty());
}

EACH_BACKEND("anchors: any of many, an intermediate, or the leaf's issuer by name only") {
    Settings client = client_settings();
    client.config.trust_anchors = anchors_of_bundle("bundle.pem");
    check_server(backend, client, server_settings(), Err::none);
    check_server(backend, client, server_settings("untrusted"), Err::none);
    client.config.trust_anchors = anchors({"inter"});
    check_server(backend, client, server_settings(), Err::none);
    client.config.trust_anchors = anchors({"other-ca"});
    check_server(backend, client, server_settings(), Err::untrusted);
    client.config.trust_anchors = anchors({"ca-expired"});
    check_server(backend, client, server_settings("expired-ca"), Err::expired);
}

// RFC 5246, 7.4.4 and RFC 8446, 4.2.4: the names are a hint, and have 65,535 bytes at most.
EACH_BACKEND("a server with more anchors than its request has room for names verifies clients") {
    const std::vector<Bytes> many(2500, anchors({"ca"})[0]);
    for (const Version version : versions_of(backend)) {
        CAPTURE(name_of(version));
        Endpoint client(backend, client_with("client").versions(version));
        Endpoint server(backend, asking_server().versions(version));
        server.settings.config.trust_anchors = many;
        REQUIRE(client.open().code == Err::none);
        REQUIRE(server.open().code == Err::none);
        Connection connection(client, server);
        CHECK(connection.establish());
        CHECK(connection.client.err() == Err::none);
        CHECK(connection.server.err() == Err::none);
    }
}
