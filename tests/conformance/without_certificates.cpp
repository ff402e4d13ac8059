// Builds without certificates: what their settings are answered with. What such a build can do, the
// other files test with a key on both sides.
#include "support/connection.hpp"
#include "support/each_backend.hpp"

#include <functional>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::uint8_t some_bytes[32] = {0x30, 0x03, 0x02, 0x01, 0x01};
constexpr Bytes list[] = {Bytes(some_bytes)};
constexpr Credential credentials[] = {{list, Bytes(some_bytes), {}}};
constexpr AnchorSource source{};

struct Row {
    const char* what;
    std::function<void(ContextConfig&)> change;
    Err client, server;
};

const Row rows[] = {
    {"as it is", [](ContextConfig&) {}, Err::none, Err::none},
    {"no key", [](ContextConfig& c) { c.psk = {}, c.psk_callback = {}; }, Err::no_psk, Err::no_psk},
    {"anchors", [](ContextConfig& c) { c.trust_anchors = list; }, Err::unsupported,
     Err::unsupported},
    {"anchors, and no key",
     [](ContextConfig& c) { c.psk = {}, c.psk_callback = {}, c.trust_anchors = list; },
     Err::unsupported, Err::unsupported},
    {"a source of anchors", [](ContextConfig& c) { c.anchor_source = &source; }, Err::unsupported,
     Err::unsupported},
    {"pins", [](ContextConfig& c) { c.pins = list; }, Err::unsupported, Err::unsupported},
    {"a chain", [](ContextConfig& c) { c.credential.chain = list; }, Err::unsupported,
     Err::unsupported},
    {"a private key", [](ContextConfig& c) { c.credential.private_key = list[0]; },
     Err::unsupported, Err::unsupported},
    {"further credentials", [](ContextConfig& c) { c.more_credentials = credentials; },
     Err::unsupported, Err::unsupported},
    {"the peer's certificate", [](ContextConfig& c) { c.keep_peer_certificate = true; },
     Err::unsupported, Err::unsupported},
    {"no verification", [](ContextConfig& c) { c.verify = Verify::none; }, Err::none, Err::none},
    {"a client's certificate is asked for", [](ContextConfig& c) { c.verify = Verify::optional; },
     Err::none, Err::unsupported},
    {"TLS 1.3", [](ContextConfig& c) { c.max_version = Version::tls1_3; }, Err::unsupported,
     Err::unsupported},
};

} // namespace

EACH_BACKEND("without certificates, each setting of theirs is unsupported") {
    if (backend.can().certificates) return;
    for (const Row& row : rows)
        for (const bool server : {false, true}) {
            CAPTURE(row.what);
            CAPTURE(server);
            Settings settings = server ? server_settings() : client_settings();
            row.change(settings.config);
            Endpoint end(backend, settings);
            CHECK(end.open().code == (server ? row.server : row.client));
        }
}

EACH_BACKEND("without certificates, names of the peer are unsupported") {
    if (backend.can().certificates) return;
    Endpoint client(backend, client_settings());
    REQUIRE(client.open().code == Err::none);
    constexpr std::uint8_t address[] = {127, 0, 0, 1};
    for (const PeerIdentity& peer : {PeerIdentity{.sni = "localhost"},
                                     {.dns_name = "localhost"},
                                     {.ip_address = Bytes(address)}}) {
        OwnedSession session(backend);
        CHECK(session->open(*client.context, peer).code == Err::unsupported);
    }
}

EACH_BACKEND("without certificates, no capability needs them") {
    if (backend.can().certificates) return;
    const Capabilities& can = backend.can();
    CHECK(can.psk);
    for (const bool has :
         {can.tls1_3, can.ecdsa_p256, can.ecdsa_p384, can.rsa, can.rsa_pss_certificates,
          can.client_certificates, can.verification, can.pins, can.verify_callback,
          can.sha1_signatures, can.lenient_paths, can.name_constraints, can.server_names,
          can.sign_callback, can.make_certificates})
        CHECK_FALSE(has);
    for (const std::uint16_t suite : backend.backend().suites)
        CHECK(suite_name(suite).find("PSK") != std::string_view::npos);
}
