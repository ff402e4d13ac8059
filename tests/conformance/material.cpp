// Own certificates and keys: every form that is allowed, and the faults of the others.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/test_environment.hpp"

#include <algorithm>

using namespace ussl;
using namespace ussl::test;

namespace {

Err open_server(const BackendUnderTest& backend, const Credential& own) {
    Settings settings = server_settings();
    settings.config.credential = own;
    Endpoint endpoint(backend, settings);
    return endpoint.open().code;
}

} // namespace

EACH_BACKEND("keys in PKCS#8, SEC1 and PKCS#1 are the same key") {
    for (const char* leaf : {"p256", "p384", "rsa"}) {
        if ((std::string_view(leaf) == "rsa" && !backend.can().rsa) ||
            (std::string_view(leaf) == "p384" && !backend.can().ecdsa_p384))
            continue;
        for (const char* form : {"", ".trad"}) {
            CAPTURE(std::string(leaf));
            CAPTURE(std::string(form));
            Settings server = server_settings();
            server.config.credential = credential(leaf, form);
            const Refusal result = connect(backend, client_settings(), backend, server);
            CHECK(result.client_established);
            CHECK(result.server_established);
        }
    }
}

EACH_BACKEND("the key of another certificate is key_mismatch") {
    const char* const names[] = {"p256", "other-p256", "p384", "rsa", "client-rsa"};
    for (const char* leaf : names)
        for (const char* key : names) {
            const auto missing = [&backend](std::string_view name) {
                return (!backend.can().rsa && name.find("rsa") != name.npos) ||
                       (!backend.can().ecdsa_p384 && name.find("p384") != name.npos);
            };
            if (missing(leaf) || missing(key)) continue;
            CAPTURE(std::string(leaf));
            CAPTURE(std::string(key));
            CHECK(open_server(backend, {credential(leaf).chain, credential(key).private_key}) ==
                  (std::string_view(leaf) == key ? Err::none : Err::key_mismatch));
        }
}

EACH_BACKEND("an own certificate outside its validity is refused if the time is known and counts") {
    TestEnvironment device;
    const auto open = [&](Settings settings, bool check_time) {
        settings.config.policy.check_time = check_time;
        settings.environment = &device.environment;
        return Endpoint(backend, settings).open().code;
    };
    const auto asking = [](const char* leaf) {
        Settings settings = asking_server();
        settings.config.credential = credential(leaf);
        return settings;
    };
    for (const char* leaf : {"expired", "future"}) {
        CAPTURE(std::string(leaf));
        CHECK(open(server_settings(leaf), true) == Err::not_valid_now);
        CHECK(open(server_settings(leaf), false) == Err::none);
        if (!backend.can().client_certificates) continue;
        CHECK(open(asking(leaf), true) == Err::not_valid_now);
        CHECK(open(asking(leaf), false) == Err::none);
    }
    if (backend.can().client_certificates) {
        CHECK(open(client_with("client-expired"), true) == Err::not_valid_now);
        CHECK(open(client_with("client"), true) == Err::none);
    }
    if (backend.can().server_names && backend.can().client_certificates) {
        const Credential more[] = {credential("other-p256"), credential("expired")};
        Settings settings = asking_server();
        settings.config.more_credentials = more;
        CHECK(open(settings, true) == Err::not_valid_now);
        CHECK(open(settings, false) == Err::none);
    }
    device.clock_set = false; // unknown
    if (backend.can().client_certificates) CHECK(open(asking("expired"), true) == Err::none);
}

EACH_BACKEND("for half of a pair the error names the missing half") {
    const Credential& own = credential("p256");
    CHECK(open_server(backend, {}) == Err::no_certificate);
    CHECK(open_server(backend, {{}, own.private_key}) == Err::no_certificate);
    CHECK(open_server(backend, {own.chain, {}}) == Err::no_private_key);
}

EACH_BACKEND("invalid keys") {
    const Credential& own = credential("p256");
    const Bytes key = own.private_key;
    Blob damaged(key.begin(), key.end()), longer = damaged;
    // The last byte of the private number (RFC 5915): another number, with another public key.
    const Bytes number = file("p256.key.trad.der");
    const auto at =
        std::search(damaged.begin(), damaged.end(), number.begin() + 7, number.begin() + 39);
    REQUIRE(at != damaged.end());
    at[31] ^= 1;
    longer.push_back(0);
    CHECK(open_server(backend, {own.chain, damaged}) == Err::key_mismatch);
    CHECK(open_server(backend, {own.chain, longer}) == Err::bad_private_key);
    CHECK(open_server(backend, {own.chain, file("p256.key.pem")}) == Err::bad_private_key);
    CHECK(open_server(backend, {own.chain, file("p256.crt.der")}) == Err::bad_private_key);
    CHECK(open_server(backend, {own.chain, as_bytes("\x30\x03\x02\x01\x01")}) ==
          Err::bad_private_key);
    for (std::size_t size = 1; size < key.size(); ++size) {
        const Err error = open_server(backend, {own.chain, key.first(size)});
        if (error != Err::bad_private_key) {
            CAPTURE(size);
            CHECK(error == Err::bad_private_key);
        }
    }
}

EACH_BACKEND("invalid certificates") {
    const Credential& own = credential("p256");
    const Bytes leaf = own.chain[0];
    for (std::size_t size = 1; size < leaf.size(); ++size) {
        const Bytes chain[] = {leaf.first(size)};
        const Err error = open_server(backend, {chain, own.private_key});
        if (error != Err::bad_certificate) {
            CAPTURE(size);
            CHECK(error == Err::bad_certificate);
        }
    }
    const Bytes pem[] = {file("p256.crt.pem")}, key[] = {own.private_key}, empty[] = {Bytes{}};
    CHECK(open_server(backend, {pem, own.private_key}) == Err::bad_certificate);
    CHECK(open_server(backend, {key, own.private_key}) == Err::bad_certificate);
    CHECK(open_server(backend, {empty, own.private_key}) == Err::bad_certificate);
}

// If one were skipped silently, it would be missing for the first peer below it.
EACH_BACKEND("invalid anchors, alone and among valid ones") {
    const Bytes ca = file("ca.der"), other = file("other-ca.der");
    Blob later_version(ca.begin(), ca.end());
    const std::uint8_t version[] = {0xa0, 3, 2, 1};
    const auto at = std::search(later_version.begin(), later_version.end(), version, version + 4);
    REQUIRE(at != later_version.end());
    at[4] = 7;
    const struct {
        const char* what;
        Bytes der;
    } rows[] = {
        {"a key", file("p256.key.der")},
        {"a request", file("request.der")},
        {"PEM", file("ca.pem")},
        {"nothing", {}},
        {"one that is cut", ca.first(ca.size() - 1)},
        {"one of a later version", later_version},
    };
    for (const auto& row : rows)
        for (std::size_t place = 0; place < 4; ++place) {
            CAPTURE(row.what);
            CAPTURE(place);
            Bytes anchors[] = {ca, other, ca};
            if (place < 3) anchors[place] = row.der;
            Settings settings = client_settings();
            settings.config.trust_anchors =
                place < 3 ? std::span<const Bytes>(anchors) : std::span<const Bytes>(&row.der, 1);
            Endpoint endpoint(backend, settings);
            const Error error = endpoint.open();
            CHECK(error.code == Err::bad_trust_anchor);
            CHECK(error.certificate == place % 3 + 1);
        }
}

// As own certificates, and as a peer's with such a key.
EACH_BACKEND("anchors with an unsupported kind of key") {
    const Bytes p521 = file("p521.crt.der");
    for (const bool beside_another : {false, true}) {
        CAPTURE(beside_another);
        const Bytes both[] = {p521, file("ca.der")};
        Settings settings = client_settings();
        settings.config.trust_anchors = std::span(both).first(beside_another ? 2 : 1);
        Endpoint endpoint(backend, settings);
        CHECK(endpoint.open().code == (beside_another ? Err::none : Err::unsupported));
    }
}
