// Each setting with each odd value that it can have, in both roles and each version: the result is
// the same on every backend, or the backend's differences.txt says why not. The table is in
// settings_values.cpp; a member of the settings that is not in it fails the build, or the test
// below.
#include "settings_walk.hpp"

#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/walk.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <tuple>

using namespace ussl;
using namespace ussl::test;

namespace {

// --- The settings ---

// The members of an aggregate: each name must exist, and together they must be all of them, or this
// does not compile. Add the new one here, and its values to settings_values.cpp.
#define MEMBERS(type, ...)                                                                         \
    [] {                                                                                           \
        struct Named : type {                                                                      \
            auto members() { return std::tie(__VA_ARGS__); }                                       \
        };                                                                                         \
        type object{};                                                                             \
        [[maybe_unused]] auto& [__VA_ARGS__] = object;                                             \
        return prefixed(#type ".", #__VA_ARGS__);                                                  \
    }()

std::vector<std::string> prefixed(const std::string& prefix, const std::string& names) {
    std::vector<std::string> all;
    std::istringstream text(names);
    for (std::string name; std::getline(text >> std::ws, name, ',');)
        all.push_back(prefix + name);
    return all;
}

std::vector<std::string> all_members() {
    std::vector<std::string> all;
    for (const auto& some : {
             MEMBERS(ContextConfig, role, verify, policy, trust_anchors, anchor_source, pins,
                     verify_callback, credential, more_credentials, server_name_callback, psk,
                     psk_callback, suites, min_version, max_version, alpn, datagram, datagram_size,
                     resumption, session_lifetime, ticket_keys, session_cache_size,
                     max_fragment_length, record_size_limit, handshake_timeout, key_log,
                     keep_peer_certificate, connection_id, connection_id_size),
             MEMBERS(Policy, check_identity, check_time, check_purpose, check_key_strength,
                     check_signature_strength, check_constraints, check_critical_extensions,
                     callback_may_accept),
             MEMBERS(Credential, chain, private_key, signer),
             MEMBERS(PreSharedKey, identity, key),
             MEMBERS(AnchorSource, user, find, version),
             MEMBERS(VerifyCallback, user, accept, version),
             MEMBERS(PskCallback, user, find),
             MEMBERS(ServerNameCallback, user, choose),
             MEMBERS(Signer, user, sign),
             MEMBERS(KeyLog, user, line),
             MEMBERS(PeerIdentity, sni, dns_name, ip_address, resumption, client_id,
                     cookie_verified, connection_id),
             MEMBERS(Environment, user, random, now, milliseconds),
         })
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

// --- The result of a value ---

std::string text_of(Session& session) {
    const Error error = session.error();
    std::string text = name_of(error.code);
    if (error.code == Err::peer_alert) text += " " + std::to_string(error.alert);
    return text;
}

Settings ordinary(Role role) {
    return role == Role::client ? client_settings() : server_settings();
}

// The result on all backends with unchanged settings.
std::uint16_t ordinary_suite(Version version) {
    return version == Version::tls1_3 ? 0x1301
                                      : 0xc02b; // TLS_[ECDHE_ECDSA_WITH_]AES_128_GCM_SHA256
}

// The parameters of a connection, as far as they are unusual.
std::string agreed(const BackendUnderTest& backend, Session& own, Session& peer, const Kind& kind) {
    std::string text;
    if (own.version() != peer.version() || own.suite() != peer.suite() ||
        own.alpn() != peer.alpn() || own.is_resumed() != peer.is_resumed())
        text += " by halves";
    if (own.version() != kind.version) text += " " + std::string(name_of(own.version()));
    if (own.suite() != ordinary_suite(kind.version))
        text += " " + std::string(suite_name(own.suite()));
    if (!own.alpn().empty()) text += " alpn " + std::to_string(own.alpn().size());
    if (own.is_resumed()) text += " resumed";
    // RFC 6347, 4.1: of a datagram of the usual size, without header, nonce (RFC 7905, 2) and tag.
    const std::size_t added = 13 + (own.suite() >> 8 == 0xcc ? 0 : 8) + 16;
    const std::size_t ordinary = kind.datagram ? 1232 - added : USSL_RECORD_INPUT;
    const bool less = kind.datagram && own.max_fragment_length() > 256 &&
                      differs(backend, Difference::datagrams_hold_less);
    const std::size_t holds = own.max_fragment_length() + (less ? 12 : 0);
    if (holds != ordinary) text += " fragments " + std::to_string(holds);
    if (!own.connection_id().empty()) text += " ID";
    if (!own.peer_certificate().empty()) text += " certificate";
    return text;
}

// As Value::of_client has it.
std::string outcome(const BackendUnderTest& backend, const Value& value, Role role,
                    const Kind& kind) {
    Subject own(kind.of(ordinary(role))), peer(kind.of(ordinary(other(role))));
    value.set(own, peer);
    Endpoint own_end(backend, own.settings), peer_end(backend, peer.settings);
    if (const Err error = own_end.open().code; error != Err::none)
        return std::string("open ") + name_of(error);
    if (const Err error = peer_end.open().code; error != Err::none)
        return std::string("peer: open ") + name_of(error);
    for (const Endpoint* end : {&own_end, &peer_end}) {
        OwnedSession probe(backend);
        const Err error = probe->open(*end->context, end->settings.identity).code;
        if (error != Err::none)
            return std::string(end == &own_end ? "session " : "peer: session ") + name_of(error);
    }
    Walk walk(role == Role::client ? own_end : peer_end, role == Role::client ? peer_end : own_end);
    std::string heard;
    if (walk.establish() && walk.hears(role, "one") && walk.hears(other(role), "two"))
        return "ok" + agreed(backend, walk.of(role), walk.of(other(role)), kind);
    for (const Role side : {role, other(role), role})
        if (walk.of(side).is_established()) walk.read(side, heard);
    return text_of(walk.of(role)) + " / " + text_of(walk.of(other(role)));
}

// --- The expected result ---

Difference difference_named(const std::string& name) {
    const auto names = difference_names();
    const auto found = std::find(names.begin(), names.end(), name);
    REQUIRE_MESSAGE(found != names.end(), "no such difference: " << name);
    return static_cast<Difference>(found - names.begin());
}

bool holds(const std::string& where, const BackendUnderTest& backend, const Kind& kind) {
    if (where == "TLSv1.2" || where == "TLSv1.3" || where == "DTLS") return where == kind.name();
    if (where.starts_with('!')) {
        const auto* named = std::find_if(
            std::begin(capability_names), std::end(capability_names),
            [&](const CapabilityName& capability) { return capability.name == where.substr(1); });
        REQUIRE_MESSAGE(named != std::end(capability_names), "no such capability: " << where);
        return !(backend.can().*named->member);
    }
    return differs(backend, difference_named(where), kind.version);
}

std::string expected(const BackendUnderTest& backend, const Value& value, Role role,
                     const Kind& kind) {
    if (value.needs != nullptr && !(backend.can().*value.needs)) return "open unsupported";
    std::istringstream choices(role == Role::client ? value.of_client : value.of_server);
    for (std::string choice; std::getline(choices >> std::ws, choice, ';');) {
        const std::size_t colon = choice.find(": ");
        if (colon == std::string::npos) return choice;
        std::istringstream conditions(choice.substr(0, colon));
        bool all = true;
        for (std::string where; conditions >> where;)
            all = holds(where, backend, kind) && all;
        if (all) return choice.substr(colon + 2);
    }
    FAIL("nothing holds: ", value.member, ", ", value.name);
    return {};
}

} // namespace

EACH_BACKEND("each value of each setting has the same result on every backend") {
    const std::vector<Value> values = all_values();
    for (const Kind& kind : kinds_of(backend))
        for (const Role role : {Role::client, Role::server}) {
            if (!(role == Role::client ? backend.can().client : backend.can().server)) continue;
            for (const Value& value : values) {
                if ((role == Role::client ? value.of_client : value.of_server) == nullptr) continue;
                const std::string what = std::string(value.member) + ", " + value.name + ", on a " +
                                         (role == Role::client ? "client" : "server") + " of " +
                                         kind.name();
                CAPTURE(what);
                CHECK(outcome(backend, value, role, kind) == expected(backend, value, role, kind));
            }
        }
}

TEST_CASE("each setting is in the table") {
    std::set<std::string> walked;
    for (const Value& value : all_values())
        walked.insert(value.member);
    for (const std::string& member : all_members()) {
        CAPTURE(member);
        CHECK(walked.erase(member) == 1);
    }
    for (const std::string& other : walked)
        FAIL_CHECK("no such setting: ", other);
}
