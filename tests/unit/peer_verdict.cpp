// Who needs a certificate, what is verified, and who is accepted, without any library.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/peer_verdict.hpp"

#include <vector>

using namespace ussl;
using test::anchors;
using test::credential;
using test::file;

namespace {

bool is_signed(void*, const Bytes&, const x509::Certificate&, const x509::Certificate&) {
    return true;
}

SessionSetup setup_of(Role role, Verify verify) {
    ContextConfig config;
    config.role = role;
    config.verify = verify;
    SessionSetup setup{};
    setup.set(config);
    posix_environment().now(nullptr, &setup.expectations.now);
    setup.expectations.identity.dns_name = "localhost";
    setup.expectations.trust_anchors = anchors({"ca"});
    return setup;
}

} // namespace

TEST_CASE("each mode of verification, in each role, with every kind of peer") {
    enum Shown { no_message, nothing, good, unknown_issuer, unreadable };
    using enum Err;
    const struct {
        Role role;
        Verify verify;
        Shown shown;
        Err judged, ended;
    } rows[] = {
        {Role::client, Verify::required, nothing, no_peer_certificate, no_peer_certificate},
        {Role::client, Verify::required, good, none, none},
        {Role::client, Verify::required, unknown_issuer, untrusted, untrusted},
        {Role::client, Verify::required, unreadable, bad_peer_certificate, bad_peer_certificate},
        {Role::client, Verify::required, no_message, none, no_peer_certificate},
        {Role::client, Verify::optional, nothing, no_peer_certificate, no_peer_certificate},
        {Role::client, Verify::optional, good, none, none},
        {Role::client, Verify::optional, unknown_issuer, untrusted, untrusted},
        {Role::client, Verify::optional, no_message, none, no_peer_certificate},
        {Role::client, Verify::none, nothing, no_peer_certificate, no_peer_certificate},
        {Role::client, Verify::none, good, none, none},
        {Role::client, Verify::none, unknown_issuer, none, none},
        {Role::client, Verify::none, unreadable, none, none},
        {Role::client, Verify::none, no_message, none, none},
        {Role::server, Verify::required, nothing, no_peer_certificate, no_peer_certificate},
        {Role::server, Verify::required, good, none, none},
        {Role::server, Verify::required, unknown_issuer, untrusted, untrusted},
        {Role::server, Verify::required, unreadable, bad_peer_certificate, bad_peer_certificate},
        {Role::server, Verify::required, no_message, none, no_peer_certificate},
        {Role::server, Verify::optional, nothing, none, none},
        {Role::server, Verify::optional, good, none, none},
        {Role::server, Verify::optional, unknown_issuer, untrusted, untrusted},
        {Role::server, Verify::optional, unreadable, bad_peer_certificate, bad_peer_certificate},
        {Role::server, Verify::optional, no_message, none, none},
        {Role::server, Verify::none, no_message, none, none},
    };
    const Environment& environment = posix_environment();
    Operation::Owner owner{&environment};
    const Operation under_way(owner);
    const Bytes rubbish[] = {as_bytes("no certificate")};
    for (const auto& row : rows) {
        CAPTURE(static_cast<int>(row.role));
        CAPTURE(static_cast<int>(row.verify));
        CAPTURE(static_cast<int>(row.shown));
        for (const bool keep : {false, true}) {
            SessionSetup setup = setup_of(row.role, row.verify);
            setup.keep_peer_certificate = keep;
            const bool server = row.role == Role::server;
            const std::span<const Bytes> chain =
                row.shown == good             ? credential(server ? "client" : "p256").chain
                : row.shown == unknown_issuer ? credential("selfsigned").chain
                : row.shown == unreadable     ? std::span<const Bytes>(rubbish)
                                              : std::span<const Bytes>();
            PeerVerdict peer;
            if (row.shown != no_message)
                CHECK(peer.judge(setup, chain, {nullptr, is_signed}) == row.judged);
            CHECK(peer.is_judged() == (row.shown != no_message));
            CHECK(peer.verdict() == row.judged);
            CHECK(peer.at_end(setup, false) == row.ended);
            // With a pre-shared key, or in a resumed session, there is no such message.
            CHECK(peer.at_end(setup, true) == row.judged);
            CHECK(equal(peer.certificate(), keep && !chain.empty() ? chain[0] : Bytes{}));
            if (row.judged != none || chain.empty()) continue;
            CHECK(peer.refuse(Err::bad_peer_certificate) == bad_peer_certificate);
            CHECK(peer.at_end(setup, false) == bad_peer_certificate);
            CHECK(peer.at_end(setup, true) == bad_peer_certificate);
        }
    }
}

TEST_CASE("the peer's key is returned if the handshake may go on") {
    const Environment& environment = posix_environment();
    Operation::Owner owner{&environment};
    const Operation under_way(owner);
    const Bytes good = credential("p256").chain[0], rubbish = as_bytes("no certificate");
    const Bytes good_first[] = {good, rubbish};
    using Verify::none, Verify::required;
    struct {
        Verify verify;
        bool accepts; // the callback does, whatever is wrong
        std::span<const Bytes> sent;
        bool judged_good, has_key;
    } const rows[] = {
        {required, false, credential("p256").chain, true, true},
        {required, false, good_first, false, false},
        {required, true, good_first, true, true},
        {required, true, {&rubbish, 1}, true, false},
        {none, false, good_first, true, true},
        {none, false, {&rubbish, 1}, true, false},
        {none, false, {}, false, false}, // a server must have one
    };
    for (const auto& row : rows) {
        CAPTURE(&row - rows);
        SessionSetup setup = setup_of(Role::client, row.verify);
        setup.expectations.policy.callback_may_accept = row.accepts;
        if (row.accepts)
            setup.expectations.verify_callback.accept = [](void*, Bytes, unsigned, Err) {
                return true;
            };
        Bytes own_key;
        const Err verdict = PeerVerdict().judge(setup, row.sent, {nullptr, is_signed}, &own_key);
        CHECK((verdict == Err::none) == row.judged_good);
        CHECK(equal(own_key, row.has_key ? x509::subject_public_key_of(good) : Bytes{}));
    }
}

TEST_CASE("a lack of resources during verification replaces the verdict") {
    const SessionSetup setup = setup_of(Role::client, Verify::required);
    const Environment& environment = posix_environment();
    Operation::Owner owner{&environment};
    const Operation under_way(owner);
    const auto fails = [](void*, const Bytes&, const x509::Certificate&, const x509::Certificate&) {
        Operation::note_resource_error(Err::no_memory);
        return false;
    };
    PeerVerdict peer;
    CHECK(peer.judge(setup, credential("p256").chain, {nullptr, fails}) == Err::no_memory);
    CHECK(peer.at_end(setup, true) == Err::no_memory);
}

TEST_CASE("no peer is accepted after a lack of resources, even if the library continued") {
    for (const bool is_vouched_for : {true, false})
        for (const Err what : {Err::no_randomness, Err::no_memory, Err::signer_failed}) {
            CAPTURE(is_vouched_for);
            CAPTURE(what);
            const SessionSetup setup = setup_of(Role::client, Verify::none);
            Operation::Owner owner{&posix_environment()};
            const PeerVerdict peer;
            {
                const Operation earlier(owner);
                CHECK(peer.at_end(setup, is_vouched_for) == Err::none);
                Operation::note_resource_error(what);
            }
            const Operation last(owner);
            CHECK(peer.at_end(setup, is_vouched_for) == what);
        }
}

TEST_CASE("the alert for a missing certificate") {
    CHECK(alert_for(Err::no_peer_certificate, Role::server, Version::tls1_2) ==
          Alert::handshake_failure);
    CHECK(alert_for(Err::no_peer_certificate, Role::server, Version::tls1_3) ==
          Alert::certificate_required);
    for (const Version version : {Version::tls1_2, Version::tls1_3}) {
        CHECK(alert_for(Err::no_peer_certificate, Role::client, version) == Alert::decode_error);
        for (const Role role : {Role::client, Role::server})
            CHECK(alert_for(Err::untrusted, role, version) == Alert::unknown_ca);
    }
}

TEST_CASE("who requests a certificate, and who requires one") {
    for (const Verify verify : {Verify::none, Verify::optional, Verify::required}) {
        CHECK(needs_certificate(Role::client, verify));
        CHECK(needs_certificate(Role::server, verify) == (verify == Verify::required));
        CHECK_FALSE(asks_for_certificate(Role::client, verify));
        CHECK(asks_for_certificate(Role::server, verify) == (verify != Verify::none));
    }
}
