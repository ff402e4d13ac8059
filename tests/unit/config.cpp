// The checks of settings, before any library sees them.
#include "support/doctest.hpp"
#include "support/material.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/engine.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace ussl;
using test::anchors;
using test::credential;

namespace {

constexpr Capabilities everything{true, true, true, true, true, true,
                                  true, true, true, true, true, true};

constexpr std::uint16_t all_suites[] = {0x1301, 0x1302, 0xc02b, 0xc02f};

Err code_of(ContextConfig config, const Environment& environment, const Capabilities& can) {
    const Backend backend{"test", nullptr, can, all_suites, nullptr};
    return check_config(config, environment, backend).code;
}

ContextConfig client() {
    ContextConfig config;
    config.trust_anchors = anchors({"ca"});
    return config;
}

ContextConfig server() {
    ContextConfig config;
    config.role = Role::server;
    config.verify = Verify::none;
    config.credential = credential("p256");
    return config;
}

using Change = std::function<void(ContextConfig&)>;
struct Row {
    const char* what;
    Err error;
    Change change;
};

void check(const ContextConfig& base, const std::vector<Row>& rows,
           const Capabilities& can = everything) {
    for (const Row& row : rows) {
        INFO(std::string(row.what));
        ContextConfig config = base;
        row.change(config);
        CHECK(code_of(config, posix_environment(), can) == row.error);
    }
}

const std::string_view http[] = {"h2", "http/1.1"}, empty_name[] = {""};
const std::string name255(255, 'a'), name256(256, 'a');
const std::string_view long_name[] = {name255}, too_long_name[] = {name256};
// 256 bytes each with its length: 255 fit into the list's 65535, 256 do not.
const std::vector<std::string_view> full_list(255, name255), overfull_list(256, name255);

} // namespace

TEST_CASE("a client's settings") {
    check(client(),
          {
              {"as it is", Err::none, [](auto&) {}},
              {"no anchors", Err::no_trust_anchors, [](auto& c) { c.trust_anchors = {}; }},
              {"no anchors, optional", Err::no_trust_anchors,
               [](auto& c) { c.trust_anchors = {}, c.verify = Verify::optional; }},
              {"no anchors, none", Err::none,
               [](auto& c) { c.trust_anchors = {}, c.verify = Verify::none; }},
              {"a certificate", Err::none, [](auto& c) { c.credential = credential("client"); }},
              {"a key alone", Err::no_certificate,
               [](auto& c) { c.credential.private_key = credential("client").private_key; }},
              {"a certificate alone", Err::no_private_key,
               [](auto& c) { c.credential.chain = credential("client").chain; }},
              {"a certificate for a key", Err::bad_private_key,
               [](auto& c) {
                   c.credential = credential("client"), c.credential.private_key = as_bytes("0");
               }},
              {"PEM for a key", Err::bad_private_key,
               [](auto& c) {
                   c.credential = credential("client"),
                   c.credential.private_key = test::file("client.key.pem");
               }},
              {"one version", Err::none,
               [](auto& c) { c.min_version = c.max_version = Version::tls1_2; }},
              {"both versions", Err::none,
               [](auto& c) { c.min_version = Version::tls1_2, c.max_version = Version::tls1_3; }},
              {"versions the wrong way round", Err::invalid_argument,
               [](auto& c) { c.min_version = Version::tls1_3, c.max_version = Version::tls1_2; }},
              {"an unknown version", Err::unsupported,
               [](auto& c) { c.max_version = static_cast<Version>(0x0302); }},
              {"ALPN", Err::none, [](auto& c) { c.alpn = http; }},
              {"ALPN, the longest name", Err::none, [](auto& c) { c.alpn = long_name; }},
              {"ALPN, the longest list", Err::none, [](auto& c) { c.alpn = full_list; }},
              {"ALPN, an empty name", Err::invalid_argument, [](auto& c) { c.alpn = empty_name; }},
              {"ALPN, a name too long", Err::invalid_argument,
               [](auto& c) { c.alpn = too_long_name; }},
              {"ALPN, a list too long", Err::invalid_argument,
               [](auto& c) { c.alpn = overfull_list; }},
          });
}

TEST_CASE("a server's settings") {
    check(server(),
          {
              {"as it is", Err::none, [](auto&) {}},
              {"nothing", Err::no_certificate, [](auto& c) { c.credential = {}; }},
              {"no key", Err::no_private_key, [](auto& c) { c.credential.private_key = {}; }},
              {"no certificate", Err::no_certificate, [](auto& c) { c.credential.chain = {}; }},
              {"verifying without anchors", Err::no_trust_anchors,
               [](auto& c) { c.verify = Verify::required; }},
              {"verifying", Err::none,
               [](auto& c) { c.verify = Verify::required, c.trust_anchors = anchors({"ca"}); }},
              {"a curve that no backend has", Err::unsupported,
               [](auto& c) { c.credential = credential("p521"); }},
          });
}

TEST_CASE("material that is not DER is refused wherever it stands") {
    const Bytes good = test::file("p256.crt.der"), pem = test::file("ca.pem"),
                cut = good.first(good.size() - 1);
    const Bytes broken_own[] = {cut}, broken_issuer[] = {good, pem},
                broken_anchor[] = {test::file("ca.der"), cut};
    check(server(), {
                        {"own certificate", Err::bad_certificate,
                         [&](auto& c) { c.credential.chain = broken_own; }},
                        {"issuer's certificate", Err::bad_certificate,
                         [&](auto& c) { c.credential.chain = broken_issuer; }},
                    });
    check(client(), {
                        {"one anchor of two", Err::bad_certificate,
                         [&](auto& c) { c.trust_anchors = broken_anchor; }},
                    });
}

TEST_CASE("whatever a capability denies is unsupported") {
    const struct {
        bool Capabilities::*denied;
        ContextConfig base;
        Change change;
    } rows[] = {
        {&Capabilities::client, client(), [](auto&) {}},
        {&Capabilities::server, server(), [](auto&) {}},
        {&Capabilities::tls1_2, client(), [](auto& c) { c.min_version = Version::tls1_2; }},
        {&Capabilities::tls1_3, client(), [](auto& c) { c.min_version = Version::tls1_3; }},
        {&Capabilities::tls1_3, client(), [](auto& c) { c.max_version = Version::tls1_3; }},
        {&Capabilities::ecdsa_p256, server(), [](auto&) {}},
        {&Capabilities::ecdsa_p384, server(), [](auto& c) { c.credential = credential("p384"); }},
        {&Capabilities::rsa, server(), [](auto& c) { c.credential = credential("rsa"); }},
        {&Capabilities::alpn, client(), [](auto& c) { c.alpn = http; }},
        {&Capabilities::client_certificates, client(),
         [](auto& c) { c.credential = credential("client"); }},
        {&Capabilities::client_certificates, server(),
         [](auto& c) { c.verify = Verify::optional, c.trust_anchors = anchors({"ca"}); }},
    };
    for (const auto& row : rows) {
        Capabilities can = everything;
        check(row.base, {{"with it", Err::none, row.change}}, can);
        can.*row.denied = false;
        check(row.base, {{"without it", Err::unsupported, row.change}}, can);
    }
}

TEST_CASE("an environment without randomness is refused") {
    const Environment mute{};
    CHECK(code_of(client(), mute, everything) == Err::no_randomness);
}

TEST_CASE("the identity that a client is to verify") {
    const std::uint8_t address[16] = {127, 0, 0, 1};
    struct Row {
        const char* what;
        PeerIdentity identity;
        Err verifying, not_verifying;
    };
    const Row rows[] = {
        {"nothing", {}, Err::no_server_name, Err::none},
        {"SNI alone", {.sni = "a.example"}, Err::no_server_name, Err::none},
        {"a name", {.dns_name = "a.example"}, Err::none, Err::none},
        {"a name and another SNI",
         {.sni = "b.example", .dns_name = "a.example"},
         Err::none,
         Err::none},
        {"an IPv4 address", {.ip_address = Bytes(address, 4)}, Err::none, Err::none},
        {"an IPv6 address", {.ip_address = address}, Err::none, Err::none},
        {"a name and an address",
         {.dns_name = "a.example", .ip_address = address},
         Err::invalid_argument,
         Err::none},
        {"an address of five bytes",
         {.ip_address = Bytes(address, 5)},
         Err::invalid_argument,
         Err::invalid_argument},
        {"a bad name", {.dns_name = "a..example"}, Err::invalid_argument, Err::invalid_argument},
        {"an address as a name",
         {.dns_name = "127.0.0.1"},
         Err::invalid_argument,
         Err::invalid_argument},
        {"an address as SNI",
         {.sni = "127.0.0.1", .dns_name = "a.example"},
         Err::invalid_argument,
         Err::invalid_argument},
        {"a name with a NUL",
         {.dns_name = std::string_view("a.example\0", 10)},
         Err::invalid_argument,
         Err::invalid_argument},
    };
    for (const Row& row : rows) {
        INFO(std::string(row.what));
        SessionSetup setup{Role::client, Verify::required, false, {}};
        setup.expectations.identity = row.identity;
        CHECK(check_peer_identity(setup) == row.verifying);
        setup.expectations.policy.check_identity = false;
        CHECK(check_peer_identity(setup) == row.not_verifying);
        setup.expectations.policy.check_identity = true;
        setup.verify = Verify::none;
        CHECK(check_peer_identity(setup) == row.not_verifying);
        setup.verify = Verify::required;
        setup.role = Role::server;
        CHECK(check_peer_identity(setup) == row.not_verifying);
    }
}

TEST_CASE("a clock that is absent, unset or too early is not set") {
    UnixTime now = 0;
    test::TestEnvironment device;
    CHECK(read_clock(device.environment, now) == Err::none);
    CHECK(now >= earliest_time);
    device.time = earliest_time;
    CHECK(read_clock(device.environment, now) == Err::none);
    CHECK(now == earliest_time);
    device.time = earliest_time - 1;
    CHECK(read_clock(device.environment, now) == Err::clock_not_set);
    device.time = earliest_time;
    device.clock_set = false;
    CHECK(read_clock(device.environment, now) == Err::clock_not_set);
    device.environment.now = nullptr;
    CHECK(read_clock(device.environment, now) == Err::clock_not_set);
}

TEST_CASE("the system's environment gives randomness of any size, and the time") {
    std::vector<std::uint8_t> first(1000), second(1000);
    REQUIRE(posix_environment().random(nullptr, first));
    REQUIRE(posix_environment().random(nullptr, second));
    CHECK(first != second);
    // The last bytes are filled as well as the first.
    CHECK_FALSE(equal(Bytes(first).last(16), Bytes(second).last(16)));
    CHECK(posix_environment().random(nullptr, {}));
}
