// The checks of settings, before any library sees them.
#include "support/doctest.hpp"
#include "support/material.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/check_settings.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/features.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace ussl;
using test::anchors;
using test::credential;

namespace {

const AnchorSource no_anchors{
    nullptr, [](void*, const Bytes&, unsigned, x509::TrustAnchor&) { return false; }, {}};

constexpr Capabilities everything = [] {
    Capabilities can{};
    for (const CapabilityName& name : capability_names)
        can.*name.member = true;
    return can;
}();

constexpr std::uint16_t all_suites[] = {0x1301, 0x1302, 0xc02b, 0xc02f};
constexpr std::uint16_t tls12_suites[] = {0xc02f, 0xc02b}, tls13_suites[] = {0x1302},
                        mixed_suites[] = {0x1301, 0xc02b}, lacking_suites[] = {0xc02b, 0xcca8},
                        unknown_suites[] = {0xc02b, 0x0005};

Err code_of(ContextConfig config, const Environment& environment, const Capabilities& can) {
    OwnKeys keys;
    const Err error = check_config(config, environment, can, all_suites, keys).code;
    UsableSuites usable;
    return error != Err::none ? error : choose_suites(config, all_suites, can, keys, usable);
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
const std::uint8_t bytes[200] = {};
bool find_key(void*, Bytes, Bytes*) { return false; }
int choose_name(void*, std::string_view) { return 0; }
bool sign(void*, SignatureScheme, Bytes, MutableBytes, std::size_t*) { return false; }
void log_line(void*, std::string_view) {}

// 256 bytes each with its length.
const std::vector<std::string_view> full_list(max_alpn_list / 256, name255),
    overfull_list(max_alpn_list / 256 + 1, name255);
const std::string_view nul_name[] = {"h2", std::string_view("a\0b", 3)};

} // namespace

TEST_CASE("a client's settings") {
    check(client(),
          {
              {"as it is", Err::none, [](auto&) {}},
              {"no anchors", Err::no_trust_anchors, [](auto& c) { c.trust_anchors = {}; }},
              {"an anchor source in their place", Err::none,
               [](auto& c) { c.trust_anchors = {}, c.anchor_source = &no_anchors; }},
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
              {"ALPN, a NUL within", Err::invalid_argument, [](auto& c) { c.alpn = nul_name; }},
              {"a role that is none", Err::invalid_argument,
               [](auto& c) { c.role = static_cast<Role>(2); }},
              {"a verification that is none", Err::invalid_argument,
               [](auto& c) { c.verify = static_cast<Verify>(3); }},
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

TEST_CASE("credentials that are not DER are refused wherever they stand") {
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
                        {"one anchor of two", Err::bad_trust_anchor,
                         [&](auto& c) { c.trust_anchors = broken_anchor; }},
                    });
}

TEST_CASE("an error identifies the certificate") {
    const Bytes good = test::file("p256.crt.der"), ca = test::file("ca.der"),
                cut = good.first(good.size() - 1), foreign = test::file("p521.crt.der");
    const Bytes first[] = {cut, good}, second[] = {good, cut}, strange[] = {foreign, good},
                large[] = {test::file("own/rsa8192.crt.der")};
    const auto of_chain = [](std::span<const Bytes> chain) {
        return [chain](ContextConfig& c) { c.credential.chain = chain; };
    };
    const Credential fine = credential("p256"), bad{second, fine.private_key, {}},
                     no_key{fine.chain, {}, {}};
    const Credential third_bad[] = {fine, fine, bad}, second_without[] = {fine, no_key};
    const Bytes nothing = as_bytes(std::string_view("\x30\x00", 2));
    const Bytes anchors_bad[] = {ca, ca, cut}, unreadable[] = {nothing},
                one_unreadable[] = {ca, nothing, ca}, unknown[] = {foreign};
    const auto further = [](std::span<const Credential> more) {
        return [more](ContextConfig& c) { c.more_credentials = more; };
    };
    const auto trusting = [](std::span<const Bytes> all) {
        return [all](ContextConfig& c) { c.verify = Verify::required, c.trust_anchors = all; };
    };
    const struct {
        const char* what;
        Error error;
        Change change;
    } rows[] = {
        {"all is well", {Err::none}, [](auto&) {}},
        {"the own one", {Err::bad_certificate, 0, 0, 1}, of_chain(first)},
        {"its issuer's", {Err::bad_certificate, 0, 0, 2}, of_chain(second)},
        {"kind of key", {Err::unsupported, 0, 0, 1}, of_chain(strange)},
        {"size of a signer's key",
         {Err::unsupported, 0, 0, 1},
         [&](auto& c) {
             c.credential = {large,
                             {},
                             {nullptr, [](void*, SignatureScheme, Bytes, MutableBytes,
                                          std::size_t*) { return false; }}};
         }},
        {"key", {Err::bad_private_key}, [](auto& c) { c.credential.private_key = as_bytes("x"); }},
        {"of a further one", {Err::bad_certificate, 0, 0, 2, 3}, further(third_bad)},
        {"key of a further one", {Err::no_private_key, 0, 0, 0, 2}, further(second_without)},
        {"an anchor", {Err::bad_trust_anchor, 0, 0, 3}, trusting(anchors_bad)},
        {"the only anchor", {Err::bad_trust_anchor, 0, 0, 1}, trusting(unreadable)},
        {"one between good ones", {Err::bad_trust_anchor, 0, 0, 2}, trusting(one_unreadable)},
        {"the only anchor's key", {Err::unsupported, 0, 0, 1}, trusting(unknown)},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        ContextConfig config = server();
        row.change(config);
        OwnKeys keys;
        const Error error = check_config(config, posix_environment(), everything, all_suites, keys);
        CHECK(error.code == row.error.code);
        CHECK(error.certificate == row.error.certificate);
        CHECK(error.credential == row.error.credential);
    }
}

// Settings that remain where certificates are not verified: pre-shared keys, or Verify::none.
TEST_CASE("a build without verification has Verify::none and pre-shared keys") {
    Capabilities can = everything;
    can.verification = false;
    const auto verdict = [&](ContextConfig config, Verify verify) {
        config.verify = verify;
        return code_of(config, posix_environment(), can);
    };
    ContextConfig with_key;
    with_key.psk = {as_bytes("me"), as_bytes("key")};
    CHECK(verdict(client(), Verify::none) == Err::none);
    CHECK(verdict(with_key, Verify::none) == Err::none);
    CHECK(verdict(with_key, Verify::required) == Err::none);
    with_key.trust_anchors = anchors({"ca"});
    CHECK(verdict(with_key, Verify::required) == Err::unsupported);
    for (const Verify verify : {Verify::optional, Verify::required}) {
        CHECK(verdict(client(), verify) == Err::unsupported);
        CHECK(verdict(server(), verify) == Err::unsupported);
    }
}

TEST_CASE("a setting without its capability is unsupported") {
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
        {&Capabilities::sha1_signatures, client(),
         [](auto& c) { c.policy.check_signature_strength = false; }},
        {&Capabilities::lenient_paths, client(),
         [](auto& c) { c.policy.check_constraints = false; }},
        {&Capabilities::lenient_paths, client(),
         [](auto& c) { c.policy.check_critical_extensions = false; }},
        {&Capabilities::verification, client(), [](auto&) {}},
        {&Capabilities::verification, server(),
         [](auto& c) { c.verify = Verify::optional, c.trust_anchors = anchors({"ca"}); }},
        {&Capabilities::pins, client(), [](auto& c) { c.pins = test::pins({"ca"}); }},
        {&Capabilities::verify_callback, client(),
         [](auto& c) {
             c.verify_callback.accept = [](void*, Bytes, unsigned, Err) { return true; };
         }},
        {&Capabilities::handshake_timeout, client(), [](auto& c) { c.handshake_timeout = 1000; }},
        {&Capabilities::psk, client(),
         [](auto& c) {
             c.psk = {as_bytes("me"), as_bytes("key")};
         }},
        {&Capabilities::psk, server(), [](auto& c) { c.psk_callback.find = find_key; }},
        {&Capabilities::dtls, client(), [](auto& c) { c.datagram = true; }},
        {&Capabilities::dtls, server(), [](auto& c) { c.datagram = true; }},
        {&Capabilities::resumption, client(), [](auto& c) { c.resumption = true; }},
        {&Capabilities::resumption, server(), [](auto& c) { c.resumption = true; }},
        {&Capabilities::server_names, server(),
         [](auto& c) { c.server_name_callback.choose = choose_name; }},
        {&Capabilities::server_names, server(),
         [](auto& c) {
             static const Credential more[] = {credential("p384")};
             c.more_credentials = more;
         }},
        {&Capabilities::sign_callback, server(),
         [](auto& c) { c.credential.private_key = {}, c.credential.signer.sign = sign; }},
        {&Capabilities::max_fragment_length, client(),
         [](auto& c) { c.max_fragment_length = 512; }},
        {&Capabilities::record_size_limit, client(), [](auto& c) { c.record_size_limit = 512; }},
        {&Capabilities::record_size_limit, server(), [](auto& c) { c.record_size_limit = 512; }},
        {&Capabilities::key_log, client(), [](auto& c) { c.key_log.line = log_line; }},
    };
    for (const auto& row : rows) {
        Capabilities can = everything;
        check(row.base, {{"with it", Err::none, row.change}}, can);
        can.*row.denied = false;
        check(row.base, {{"without it", Err::unsupported, row.change}}, can);
    }
}

TEST_CASE("cipher suites") {
    check(client(), {
                        {"both versions'", Err::none, [](auto& c) { c.suites = mixed_suites; }},
                        {"TLS 1.2's", Err::none, [](auto& c) { c.suites = tls12_suites; }},
                        {"TLS 1.3's", Err::none, [](auto& c) { c.suites = tls13_suites; }},
                        {"one that the backend lacks", Err::unsupported,
                         [](auto& c) { c.suites = lacking_suites; }},
                        {"one that no backend has", Err::invalid_argument,
                         [](auto& c) { c.suites = unknown_suites; }},
                        {"TLS 1.2's, for TLS 1.3 alone", Err::invalid_argument,
                         [](auto& c) { c.suites = tls12_suites, c.min_version = Version::tls1_3; }},
                        {"TLS 1.3's, for TLS 1.2 alone", Err::invalid_argument,
                         [](auto& c) { c.suites = tls13_suites, c.max_version = Version::tls1_2; }},
                    });
}

TEST_CASE("the suites that a context can negotiate, and the versions they leave") {
    using Suites = std::vector<std::uint16_t>;
    constexpr std::uint16_t all[] = {0x1301, 0x1302, 0xc02b, 0xc02f, 0xccac, 0x00a8};
    constexpr std::uint16_t ecdsa[] = {0xc02b}, rsa[] = {0xc02f}, psk[] = {0x00a8, 0xccac},
                            recent[] = {0x1302}, rsa_or_recent[] = {0xc02f, 0x1301},
                            twice[] = {0xc02b, 0x1301, 0xc02b, 0x1301, 0xc02f},
                            reversed[] = {0x00a8, 0xc02f, 0xc02b, 0x1301};
    const ContextConfig client_config = client(), server_config = server();
    ContextConfig with_psk = client(), only_psk, server_psk, server_both = server(),
                  server_rsa = server(), server_two = server();
    only_psk.psk = with_psk.psk = {as_bytes("me"), as_bytes("key")};
    server_psk.role = Role::server;
    server_psk.psk_callback.find =
        server_both.psk_callback.find = [](void*, Bytes, Bytes*) { return false; };
    server_rsa.credential = credential("rsa");
    const Credential further[] = {credential("rsa")};
    server_two.more_credentials = further;
    constexpr Version none = Version::none, old = Version::tls1_2, latest = Version::tls1_3;
    const struct {
        const char* what;
        const ContextConfig& base;
        std::span<const std::uint16_t> suites;
        Version min, max;
        bool datagram;
        Suites usable; // empty: invalid_argument
        Version min_left, max_left;
    } rows[] = {
        {"client",
         client_config,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xc02b, 0xc02f},
         old,
         latest},
        {"repeated",
         client_config,
         twice,
         none,
         none,
         false,
         {0xc02b, 0x1301, 0xc02f},
         old,
         latest},
        {"in the caller's order",
         with_psk,
         reversed,
         none,
         none,
         false,
         {0x00a8, 0xc02f, 0xc02b, 0x1301},
         old,
         latest},
        {"TLS 1.2's alone", client_config, ecdsa, none, none, false, {0xc02b}, old, old},
        {"TLS 1.3's alone", client_config, recent, none, none, false, {0x1302}, latest, latest},
        {"up to TLS 1.2", client_config, {}, none, old, false, {0xc02b, 0xc02f}, old, old},
        {"from TLS 1.3 on",
         client_config,
         {},
         latest,
         none,
         false,
         {0x1301, 0x1302, 0xc02b, 0xc02f},
         latest,
         latest},
        {"TLS 1.2's from TLS 1.3 on", client_config, ecdsa, latest, none, false, {}, old, latest},
        {"TLS 1.3's up to TLS 1.2", client_config, recent, none, old, false, {}, old, latest},
        {"datagrams", client_config, {}, none, none, true, {0xc02b, 0xc02f}, old, old},
        {"TLS 1.3's over datagrams", client_config, recent, none, none, true, {}, old, latest},
        {"key or certificate",
         with_psk,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xc02b, 0xc02f, 0xccac, 0x00a8},
         old,
         latest},
        {"key alone",
         only_psk,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xccac, 0x00a8},
         old,
         latest},
        {"key alone, certificates' suites", only_psk, ecdsa, none, none, false, {}, old, latest},
        {"certificate alone, keys' suites", client_config, psk, none, none, false, {}, old, latest},
        {"server's key alone",
         server_psk,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xccac, 0x00a8},
         old,
         latest},
        {"server's key or certificate",
         server_both,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xc02b, 0xccac, 0x00a8},
         old,
         latest},
        {"server, ECDSA",
         server_config,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xc02b},
         old,
         latest},
        {"server, RSA", server_rsa, {}, none, none, false, {0x1301, 0x1302, 0xc02f}, old, latest},
        {"server, both",
         server_two,
         {},
         none,
         none,
         false,
         {0x1301, 0x1302, 0xc02b, 0xc02f},
         old,
         latest},
        {"another key's", server_config, rsa, none, none, false, {}, old, latest},
        {"another key's, or TLS 1.3's",
         server_config,
         rsa_or_recent,
         none,
         none,
         false,
         {0x1301},
         latest,
         latest},
        {"another key's, or TLS 1.3's, up to TLS 1.2",
         server_config,
         rsa_or_recent,
         none,
         old,
         false,
         {},
         old,
         latest},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        ContextConfig config = row.base;
        config.suites = row.suites;
        config.min_version = row.min;
        config.max_version = row.max;
        config.datagram = row.datagram;
        OwnKeys keys;
        CHECK(check_config(config, posix_environment(), everything, all, keys).code == Err::none);
        UsableSuites usable;
        const Err error = choose_suites(config, all, everything, keys, usable);
        CHECK(error == (row.usable.empty() ? Err::invalid_argument : Err::none));
        if (error != Err::none) continue;
        CHECK(Suites(config.suites.begin(), config.suites.end()) == row.usable);
        CHECK(config.min_version == row.min_left);
        CHECK(config.max_version == row.max_left);
    }
}

// A feature that the library has only in TLS 1.2 is off where both versions are possible.
TEST_CASE("settings that the library supports only in TLS 1.2 leave only that version") {
    Capabilities in_both = everything, in_one = everything, without = everything;
    in_one.max_fragment_length_tls1_3 = in_one.rsa_signer_tls1_3 = without.tls1_3 = false;
    const auto elsewhere = [](Credential credential) {
        credential.private_key = {};
        credential.signer.sign = [](void*, SignatureScheme, Bytes, MutableBytes, std::size_t*) {
            return false;
        };
        return credential;
    };
    ContextConfig plain = client(), fragments = client(), datagrams = client(), rsa = server(),
                  ecdsa = server(), further = server();
    fragments.max_fragment_length = 1024;
    datagrams.datagram = true;
    rsa.credential = elsewhere(credential("rsa"));
    ecdsa.credential = elsewhere(credential("p256"));
    const Credential more[] = {elsewhere(credential("rsa"))};
    further.more_credentials = more;
    constexpr Version old = Version::tls1_2, latest = Version::tls1_3;
    const struct {
        const char* what;
        const ContextConfig& base;
        const Capabilities& can;
        Version highest;
    } rows[] = {
        {"nothing", plain, in_one, latest},
        {"nothing, of a library without TLS 1.3", plain, without, old},
        {"short fragments", fragments, in_both, latest},
        {"short fragments, of a library that lacks them", fragments, in_one, old},
        {"datagrams", datagrams, in_both, old},
        {"RSA key elsewhere", rsa, in_both, latest},
        {"RSA key elsewhere, of a library that lacks it", rsa, in_one, old},
        {"RSA key elsewhere, a further one", further, in_one, old},
        {"key of an elliptic curve elsewhere", ecdsa, in_one, latest},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto chosen = [&](Version least, ContextConfig& config) {
            config.min_version = least;
            OwnKeys keys;
            const Error found =
                check_config(config, posix_environment(), row.can, all_suites, keys);
            UsableSuites usable;
            return found.code != Err::none
                       ? found.code
                       : choose_suites(config, all_suites, row.can, keys, usable);
        };
        ContextConfig any = row.base, only = row.base;
        CHECK(chosen(Version::none, any) == Err::none);
        CHECK(any.min_version == old);
        CHECK(any.max_version == row.highest);
        for (const std::uint16_t suite : any.suites)
            CHECK((row.highest == latest || !is_of_tls1_3(suite)));
        const Err expected = row.highest == latest ? Err::none
                             : row.base.datagram   ? Err::invalid_argument
                                                   : Err::unsupported;
        CHECK(chosen(latest, only) == expected);
    }
}

TEST_CASE("pre-shared keys") {
    const auto key = [](std::size_t identity, std::size_t size) {
        return [=](ContextConfig& c) {
            c.psk = {Bytes(bytes).first(identity), Bytes(bytes).first(size)};
        };
    };
    check(client(), {
                        {"one", Err::none, key(1, 1)},
                        {"the longest", Err::none, key(128, 48)},
                        {"an identity too long", Err::invalid_argument, key(129, 16)},
                        {"a key too long", Err::invalid_argument, key(4, 49)},
                        {"no identity", Err::invalid_argument, key(0, 16)},
                        {"no key", Err::invalid_argument, key(4, 0)},
                        {"in place of anchors", Err::none,
                         [](auto& c) {
                             c.trust_anchors = {}, c.psk = {as_bytes("me"), as_bytes("key")};
                         }},
                        {"a server's callback", Err::invalid_argument,
                         [](auto& c) { c.psk_callback.find = find_key; }},
                    });
    check(server(),
          {
              {"a callback", Err::none, [](auto& c) { c.psk_callback.find = find_key; }},
              {"in place of a certificate", Err::none,
               [](auto& c) { c.psk_callback.find = find_key, c.credential = {}; }},
              {"in place of anchors", Err::none,
               [](auto& c) { c.psk_callback.find = find_key, c.verify = Verify::required; }},
              {"a client's key", Err::invalid_argument, key(4, 16)},
          });
}

TEST_CASE("pins") {
    static const Bytes short_pin[] = {Bytes(bytes).first(31)},
                       long_pin[] = {test::pins({"ca"}).front(), Bytes(bytes).first(33)};
    check(client(), {
                        {"with anchors", Err::none, [](auto& c) { c.pins = test::pins({"ca"}); }},
                        {"in place of anchors", Err::none,
                         [](auto& c) { c.trust_anchors = {}, c.pins = test::pins({"ca"}); }},
                        {"too short", Err::invalid_argument, [](auto& c) { c.pins = short_pin; }},
                        {"too long", Err::invalid_argument, [](auto& c) { c.pins = long_pin; }},
                        {"too long, not verifying", Err::invalid_argument,
                         [](auto& c) { c.pins = long_pin, c.verify = Verify::none; }},
                    });
}

TEST_CASE("more credentials") {
    static const Credential good[] = {credential("p384"), credential("rsa")},
                            keyless[] = {credential("p384"), {credential("rsa").chain, {}, {}}},
                            empty[] = {{}}, curve[] = {credential("p521")};
    check(server(),
          {
              {"two", Err::none, [](auto& c) { c.more_credentials = good; }},
              {"one without its key", Err::no_private_key,
               [](auto& c) { c.more_credentials = keyless; }},
              {"an empty one", Err::no_certificate, [](auto& c) { c.more_credentials = empty; }},
              {"a curve that no backend has", Err::unsupported,
               [](auto& c) { c.more_credentials = curve; }},
              {"a callback alone", Err::none,
               [](auto& c) { c.server_name_callback.choose = choose_name; }},
              {"without a first one", Err::invalid_argument,
               [](auto& c) {
                   c.more_credentials = good, c.credential = {};
                   c.psk_callback.find = find_key;
               }},
          });
    check(client(),
          {
              {"on a client", Err::invalid_argument, [](auto& c) { c.more_credentials = good; }},
              {"a callback on a client", Err::invalid_argument,
               [](auto& c) { c.server_name_callback.choose = choose_name; }},
          });
}

TEST_CASE("a signer instead of a key") {
    const auto with_signer = [](ContextConfig& c) {
        c.credential.private_key = {};
        c.credential.signer.sign = sign;
    };
    check(server(), {
                        {"a signer", Err::none, with_signer},
                        {"a signer and a key", Err::invalid_argument,
                         [](auto& c) { c.credential.signer.sign = sign; }},
                        {"a signer without a certificate", Err::no_certificate,
                         [&](auto& c) { with_signer(c), c.credential.chain = {}; }},
                    });
    check(client(), {
                        {"a signer alone", Err::no_certificate,
                         [](auto& c) { c.credential.signer.sign = sign; }},
                    });
}

TEST_CASE("limits, datagrams and other options") {
    const auto fragment = [](std::uint16_t length) {
        return [=](ContextConfig& c) { c.max_fragment_length = length; };
    };
    check(client(), {
                        {"fragments of 512", Err::none, fragment(512)},
                        {"fragments of 4096",
                         USSL_RECORD_INPUT >= 4096 ? Err::none : Err::unsupported, fragment(4096)},
                        {"fragments of 1", Err::invalid_argument, fragment(1)},
                        {"fragments of 1000", Err::invalid_argument, fragment(1000)},
                        {"fragments of 8192", Err::invalid_argument, fragment(8192)},
                        {"fragments of 16384", Err::invalid_argument, fragment(16384)},
                        {"a time limit", Err::none, [](auto& c) { c.handshake_timeout = 1; }},
                        {"a limit that means none", Err::invalid_argument,
                         [](auto& c) { c.handshake_timeout = no_timeout; }},
                        {"datagrams", Err::none, [](auto& c) { c.datagram = true; }},
                        {"datagrams with suites of TLS 1.3", Err::invalid_argument,
                         [](auto& c) { c.datagram = true, c.suites = tls13_suites; }},
                        {"datagrams in TLS 1.3", Err::invalid_argument,
                         [](auto& c) { c.datagram = true, c.min_version = Version::tls1_3; }},
                        {"resumption", Err::none, [](auto& c) { c.resumption = true; }},
                        {"a key log", Err::none, [](auto& c) { c.key_log.line = log_line; }},
                    });
}

TEST_CASE("record_size_limit is for both roles, and for streams") {
    const auto limit = [](std::uint16_t largest) {
        return [=](ContextConfig& c) { c.record_size_limit = largest; };
    };
    const Err whole = USSL_RECORD_INPUT == 16384 ? Err::none : Err::unsupported;
    for (const ContextConfig& base : {client(), server()})
        check(base, {
                        {"records of 63 bytes", Err::invalid_argument, limit(63)},
                        {"records of 64 bytes", Err::none, limit(64)},
                        {"records of 512 bytes", Err::none, limit(512)},
                        {"records of 16384 bytes", whole, limit(16384)},
                        {"records of 16385 bytes", Err::invalid_argument, limit(16385)},
                        {"records of 65535 bytes", Err::invalid_argument, limit(65535)},
                        {"in datagrams", Err::unsupported,
                         [](auto& c) { c.record_size_limit = 512, c.datagram = true; }},
                    });
}

TEST_CASE("max_fragment_length is a client's setting") {
    check(server(), {
                        {"fragments of 512", Err::invalid_argument,
                         [](auto& c) { c.max_fragment_length = 512; }},
                    });
}

TEST_CASE("time limits and datagrams need a clock that counts milliseconds") {
    Environment device = posix_environment();
    device.milliseconds = nullptr;
    ContextConfig config = client();
    CHECK(code_of(config, device, everything) == Err::none);
    config.handshake_timeout = 1000;
    CHECK(code_of(config, device, everything) == Err::unsupported);
    config = client();
    config.datagram = true;
    CHECK(code_of(config, device, everything) == Err::unsupported);
}

TEST_CASE("a server over datagrams needs an address for each client") {
    SessionSetup setup{};
    setup.role = Role::server;
    setup.datagram = true;
    const std::uint8_t id[max_client_id + 1] = {};
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, max_client_id, max_client_id + 1}) {
        setup.expectations.identity.client_id = Bytes(id).first(size);
        const bool fits = size >= 1 && size <= max_client_id;
        CHECK(check_peer_identity(setup) == (fits ? Err::none : Err::invalid_argument));
    }
    setup.expectations.identity.client_id = {};
    setup.datagram = false;
    CHECK(check_peer_identity(setup) == Err::none);
}

TEST_CASE("a pre-shared key needs no name, unless certificates may replace it") {
    SessionSetup setup{};
    setup.role = Role::client;
    setup.verify = Verify::required;
    setup.has_psk = true;
    CHECK_FALSE(judges_certificates(setup));
    CHECK(check_peer_identity(setup) == Err::none);
    setup.expectations.pins = test::pins({"ca"});
    CHECK(judges_certificates(setup));
    CHECK(check_peer_identity(setup) == Err::no_server_name);
    setup.expectations.pins = {};
    setup.expectations.trust_anchors = anchors({"ca"});
    CHECK(judges_certificates(setup));
    setup.verify = Verify::none;
    CHECK_FALSE(judges_certificates(setup));
}

TEST_CASE("an environment without randomness is refused") {
    const Environment mute{};
    CHECK(code_of(client(), mute, everything) == Err::no_randomness);
    Environment dry = posix_environment();
    dry.random = [](void*, MutableBytes) { return false; };
    CHECK(code_of(client(), dry, everything) == Err::no_randomness);
}

TEST_CASE("the identity that a client verifies") {
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
        SessionSetup setup{};
        setup.role = Role::client;
        setup.verify = Verify::required;
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

TEST_CASE("a name to send is checked as given, and sent without its trailing dot") {
    const struct {
        std::string_view given;
        Err error;
        std::string_view sent;
    } rows[] = {
        {"a.example", Err::none, "a.example"},
        {"a.example.", Err::none, "a.example"},
        {"a.example..", Err::invalid_argument, {}},
        {".", Err::invalid_argument, {}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.given));
        SessionSetup setup{};
        setup.verify = Verify::none;
        CHECK(expect_peer(setup, {.sni = row.given}, posix_environment()) == row.error);
        if (row.error == Err::none) CHECK(setup.expectations.identity.sni == row.sent);
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
    // The last bytes are filled like the first.
    CHECK_FALSE(equal(Bytes(first).last(16), Bytes(second).last(16)));
    CHECK(posix_environment().random(nullptr, {}));
}
