// The table: each setting, and its odd values. See settings_walk.hpp.
#include "settings_walk.hpp"

#include "support/material.hpp"

#include "ussl/x509/trust_anchor.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>

using namespace std::literals;

namespace ussl::test {
namespace {

// Lists and texts in static memory.
template<class T>
std::span<const T> lasting(std::vector<T> list) {
    static std::deque<std::vector<T>> lists;
    return lists.emplace_back(std::move(list));
}
std::string_view lasting(std::string text) {
    static std::deque<std::string> texts;
    return texts.emplace_back(std::move(text));
}

#define SET(...) [=]([[maybe_unused]] Subject& own, [[maybe_unused]] Subject& peer) { __VA_ARGS__; }

// --- Sets of values ---

using Names = std::vector<std::string_view>;

auto alpn(const Names& own_names, const Names& peer_names) {
    return [own_names = lasting(own_names), peer_names = lasting(peer_names)](Subject& own,
                                                                              Subject& peer) {
        own.config.alpn = own_names, peer.config.alpn = peer_names;
    };
}
auto alpn(const Names& names) { return alpn(names, names); }

Names numbered(std::size_t count, std::size_t size) {
    Names names;
    for (std::size_t i = 0; i < count; ++i) {
        std::string name = std::to_string(i);
        name.resize(size, 'x');
        names.push_back(lasting(name));
    }
    return names;
}

auto psk(std::string_view identity, std::string_view key) {
    return [=](Subject& own, Subject& peer) {
        own.config.trust_anchors = {};
        own.config.psk = {as_bytes(identity), as_bytes(key)};
        static Bytes expected_identity, expected_key;
        expected_identity = own.config.psk.identity, expected_key = own.config.psk.key;
        peer.config.psk_callback.find = [](void*, Bytes name, Bytes* found) {
            *found = expected_key;
            return equal(name, expected_identity);
        };
    };
}

// The server's callback returns this key, to a client with a normal one.
template<std::size_t size>
bool give_key(void*, Bytes, Bytes* found) {
    static const std::vector<std::uint8_t> key(size, 'k');
    *found = key;
    return true;
}
const std::string_view key16(reinterpret_cast<const char*>("kkkkkkkkkkkkkkkk"), 16);
auto found_key(bool (*find)(void*, Bytes, Bytes*), std::string_view clients = key16) {
    return [=](Subject& own, Subject& peer) {
        own.config.psk_callback.find = find;
        peer.config.psk = {as_bytes("me"sv), as_bytes(clients)};
        peer.config.trust_anchors = {};
    };
}

auto own_chain(std::vector<Bytes> chain) {
    return [chain = lasting(std::move(chain))](Subject& own, Subject& peer) {
        own.config.credential.chain = chain;
        if (own.config.role == Role::client) {
            own.config.credential.private_key = credential("client").private_key;
            peer.config.verify = Verify::required;
            peer.config.trust_anchors = anchors({"ca"});
        }
    };
}

// Shows `name`'s certificate to a peer that verifies it.
auto own_credential(const Credential& own_) {
    return [own_](Subject& own, Subject& peer) {
        own.config.credential = own_;
        if (own.config.role == Role::client) {
            peer.config.verify = Verify::required;
            peer.config.trust_anchors = anchors({"ca", "rsa-ca", "p384-ca"});
        }
    };
}
Credential with_key(Credential own, Bytes key) {
    own.private_key = key;
    return own;
}
template<std::size_t claimed>
bool claim(void*, SignatureScheme, Bytes, MutableBytes signature, std::size_t* size) {
    std::fill(signature.begin(), signature.end(), 1);
    if (claimed != SIZE_MAX - 1) *size = claimed;
    return true;
}
// Has an ECDSA signature's form (RFC 3279, 2.2.3), with the numbers 1 and 1.
bool give_ones(void*, SignatureScheme, Bytes, MutableBytes signature, std::size_t* size) {
    constexpr std::uint8_t ones[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    std::copy(std::begin(ones), std::end(ones), signature.begin());
    *size = sizeof ones;
    return true;
}
using Sign = bool (*)(void*, SignatureScheme, Bytes, MutableBytes, std::size_t*);
Credential with_signer(Credential own, Sign sign) {
    own.private_key = {};
    own.signer.sign = sign;
    return own;
}
// A chain of this name for the role.
auto signer(const char* of_server, const char* of_client, Sign sign) {
    return [=](Subject& own, Subject& peer) {
        const bool client = own.config.role == Role::client;
        own_credential(with_signer(credential(client ? of_client : of_server), sign))(own, peer);
    };
}

auto anchors_are(std::vector<Bytes> list) {
    return [list = lasting(std::move(list))](Subject& own, Subject& peer) {
        own.config.trust_anchors = list;
        if (own.config.role == Role::server) {
            own.config.verify = Verify::required;
            peer.config.credential = credential("client");
        }
    };
}
bool find_root(void*, const Bytes& name, unsigned number, x509::TrustAnchor& anchor) {
    return equal(name, x509::subject_of(file("ca.der"))) && number == 0 &&
           x509::read_anchor(file("ca.der"), anchor);
}
[[maybe_unused]] bool find_none(void*, const Bytes&, unsigned, x509::TrustAnchor&) { return false; }
[[maybe_unused]] bool find_root_again(void*, const Bytes& name, unsigned,
                                      x509::TrustAnchor& anchor) {
    return find_root(nullptr, name, 0, anchor);
}
[[maybe_unused]] bool find_other(void*, const Bytes&, unsigned, x509::TrustAnchor& anchor) {
    return x509::read_anchor(file("other-ca.der"), anchor);
}
[[maybe_unused]] bool find_empty(void*, const Bytes&, unsigned number, x509::TrustAnchor&) {
    return number == 0;
}
using Find = bool (*)(void*, const Bytes&, unsigned, x509::TrustAnchor&);
const AnchorSource* source(Find find, void* user = nullptr, Bytes version = {}) {
    static std::deque<AnchorSource> all;
    return &all.emplace_back(AnchorSource{user, find, version});
}
auto source_is(const AnchorSource* source, bool with_anchors) {
    return [=](Subject& own, Subject& peer) {
        own.config.anchor_source = source;
        own.config.trust_anchors = with_anchors ? anchors({"ca"}) : std::span<const Bytes>{};
        if (own.config.role == Role::server) {
            own.config.verify = Verify::required;
            peer.config.credential = credential("client");
        }
    };
}
auto pins_are(std::vector<Bytes> list, bool with_anchors = true) {
    return [list = lasting(std::move(list)), with_anchors](Subject& own, Subject& peer) {
        own.config.pins = list;
        if (own.config.role == Role::server) {
            own.config.verify = Verify::required;
            own.config.trust_anchors = anchors({"ca"});
            peer.config.credential = credential("client");
        }
        if (!with_anchors) own.config.trust_anchors = {};
    };
}

auto verify(Verify mode, bool peer_has, bool anchored = true) {
    return [=](Subject& own, Subject& peer) {
        own.config.verify = mode;
        own.config.trust_anchors = anchored ? anchors({"ca"}) : std::span<const Bytes>{};
        if (own.config.role == Role::server && peer_has)
            peer.config.credential = credential("client");
    };
}

auto suites_are(std::vector<std::uint16_t> list) {
    return [list = lasting(std::move(list))](Subject& own, Subject&) { own.config.suites = list; };
}

template<class T>
std::vector<T> repeat(std::size_t count, const T& what, std::vector<T> then = {}) {
    std::vector<T> list(count, what);
    list.insert(list.end(), then.begin(), then.end());
    return list;
}

auto name_is(std::string_view name) {
    return [name](Subject& own, Subject&) { own.identity.dns_name = name; };
}
auto sni_is(std::string_view name) {
    return [name](Subject& own, Subject&) { own.identity.sni = name; };
}

std::string_view longest_name() {
    static const std::string label(63, 'a');
    static const std::string name = label + "." + label + "." + label + "." + std::string(61, 'b');
    return name;
}

auto datagram_size(std::uint16_t size) {
    return [=](Subject& own, Subject&) { own.config.datagram_size = size; };
}
auto connection_id(bool negotiates, std::uint8_t size, std::size_t own_size) {
    static const std::uint8_t id[64] = {1, 2};
    return [=](Subject& own, Subject& peer) {
        own.config.connection_id = negotiates;
        own.config.connection_id_size = size;
        own.identity.connection_id = {id, own_size};
        peer.config.connection_id = peer.config.datagram && own.config.connection_id;
    };
}
auto fragments(std::uint16_t length) {
    return [=](Subject& own, Subject&) { own.config.max_fragment_length = length; };
}
auto record_limit(std::uint16_t bytes) {
    return [=](Subject& own, Subject&) { own.config.record_size_limit = bytes; };
}
auto timeout(std::uint32_t milliseconds) {
    return [=](Subject& own, Subject&) { own.config.handshake_timeout = milliseconds; };
}
auto lifetime(std::uint32_t seconds) {
    return [=](Subject& own, Subject& peer) {
        own.config.session_lifetime = seconds;
        own.config.resumption = peer.config.resumption = true;
    };
}
auto ticket_keys(std::vector<std::size_t> sizes) {
    std::vector<Bytes> keys;
    static const std::uint8_t key[64] = {1};
    for (const std::size_t size : sizes)
        keys.push_back({key, size});
    return [list = lasting(std::move(keys))](Subject& own, Subject& peer) {
        own.config.ticket_keys = list;
        own.config.resumption = peer.config.resumption = true;
    };
}
auto cache(std::size_t size, bool resumes = true) {
    return [=](Subject& own, Subject& peer) {
        own.config.session_cache_size = size;
        own.config.resumption = peer.config.resumption = resumes;
    };
}
auto versions(Version min, Version max) {
    return
        [=](Subject& own, Subject&) { own.config.min_version = min, own.config.max_version = max; };
}
Version version(unsigned number) { return static_cast<Version>(number); }

template<int number>
int choose(void*, std::string_view) {
    return number;
}
auto choice(int (*choose)(void*, std::string_view), std::string_view asked = "a.example") {
    return [=](Subject& own, Subject& peer) {
        own.config.server_name_callback.choose = choose;
        peer.identity.sni = asked;
    };
}

auto now_is(bool (*now)(void*, UnixTime*)) {
    return [=](Subject& own, Subject& peer) {
        own.environment.now = now;
        if (own.config.role == Role::server) {
            own.config.verify = Verify::required;
            own.config.trust_anchors = anchors({"ca"});
            peer.config.credential = credential("client");
        }
    };
}
template<UnixTime time>
bool tell(void*, UnixTime* out) {
    *out = time;
    return true;
}

Bytes bytes(std::size_t size, std::uint8_t with = 'x') {
    return lasting(std::vector<std::uint8_t>(size, with));
}
Bytes joined(Bytes first, Bytes second) {
    std::vector<std::uint8_t> all(first.begin(), first.end());
    all.insert(all.end(), second.begin(), second.end());
    return lasting(std::move(all));
}

template<bool Policy::*rule>
void off(Subject& own, Subject& peer) {
    own.config.policy.*rule = false;
    if (own.config.role == Role::server) {
        own.config.verify = Verify::required;
        own.config.trust_anchors = anchors({"ca"});
        peer.config.credential = credential("client");
    }
}

class Table {
public:
    struct Row {
        const char* name;
        std::function<void(Subject& own, Subject& peer)> set;
        const char* of_client = works;
        const char* of_server = same;
        bool Capabilities::*needs = nullptr;
    };
    void add(const char* member, const std::vector<Row>& rows,
             bool Capabilities::*needs = nullptr) {
        for (const Row& row : rows)
            values.push_back({member, row.name, row.set, row.of_client,
                              row.of_server == same ? row.of_client : row.of_server,
                              row.needs != nullptr ? row.needs : needs});
    }
    static constexpr const char *works = "ok", *same = "same", *skip = nullptr;
    std::vector<Value> values;
};
constexpr const char *works = Table::works, *same = Table::same, *skip = Table::skip;

const std::uint8_t empty_sequence[] = {0x30, 0x00};
int somebody = 0;

void add_context(Table& table) {
    using Can = Capabilities;
    const Bytes garbage = bytes(7, 0x30);
    const Bytes leaf = file("p256.crt.der"), issuer = file("inter.der"), root = file("ca.der");
    const auto pin = [](const char* name) { return pins({name}).front(); };
    table.add("ContextConfig.role",
              {
                  {"as it is", SET()},
                  {"2", SET(own.config.role = static_cast<Role>(2)), "open invalid_argument"},
                  {"255", SET(own.config.role = static_cast<Role>(255)), "open invalid_argument"},
              });
    table.add(
        "ContextConfig.verify",
        {
            {"none", verify(Verify::none, true)},
            {"none, without anchors", verify(Verify::none, true, false)},
            {"optional, a certificate", verify(Verify::optional, true)},
            {"optional, no certificate", verify(Verify::optional, false)},
            {"optional, without anchors", verify(Verify::optional, true, false),
             "open no_trust_anchors"},
            {"required, a certificate", verify(Verify::required, true)},
            {"required, no certificate", verify(Verify::required, false), works,
             "TLSv1.3: no_peer_certificate / peer_alert 116; no_peer_certificate / peer_alert 40"},
            {"required, without anchors", verify(Verify::required, true, false),
             "open no_trust_anchors"},
            {"3", verify(static_cast<Verify>(3), true), "open invalid_argument"},
            {"3, no certificate", verify(static_cast<Verify>(3), false), skip,
             "open invalid_argument"},
            {"255", verify(static_cast<Verify>(255), true), "open invalid_argument"},
        });
    table.add(
        "ContextConfig.policy",
        {
            {"every rule off, but SHA-1",
             SET(own.config.policy = {false, false, false, false, true, false, false, true};
                 own.config.trust_anchors = anchors({"ca"}); if (own.config.role == Role::server) {
                     own.config.verify = Verify::required;
                     peer.config.credential = credential("client");
                 })},
        },
        &Can::lenient_paths);
    table.add(
        "ContextConfig.trust_anchors",
        {
            {"none", anchors_are({}), "open no_trust_anchors"},
            {"one", anchors_are({root})},
            {"the same twice", anchors_are({root, root})},
            {"the right one last", anchors_are({file("rsa-ca.der"), file("p384-ca.der"), root})},
            {"300 times", anchors_are(repeat(300, root))},
            {"another one", anchors_are({file("other-ca.der")}), "untrusted / peer_alert 48"},
            {"an intermediate", anchors_are({issuer})},
            {"a leaf", anchors_are({leaf}), works, "untrusted / peer_alert 48"},
            {"an empty one", anchors_are({root, Bytes{}}), "open bad_trust_anchor"},
            {"garbage", anchors_are({garbage}), "open bad_trust_anchor"},
            {"a sequence of nothing", anchors_are({empty_sequence}), "open bad_trust_anchor"},
            {"a sequence of nothing beside a good one", anchors_are({empty_sequence, root}),
             "open bad_trust_anchor"},
            {"the other way round", anchors_are({root, empty_sequence}), "open bad_trust_anchor"},
            {"cut", anchors_are({root.first(root.size() - 1)}), "open bad_trust_anchor"},
            {"with a byte behind", anchors_are({joined(root, bytes(1, 0))}),
             "open bad_trust_anchor"},
            {"garbage, not verifying",
             [list = lasting(std::vector<Bytes>{garbage})](auto& own, auto&) {
                 own.config.verify = Verify::none, own.config.trust_anchors = list;
             },
             "open bad_trust_anchor"},
        });
#if USSL_ANCHOR_SOURCE
    table.add(
        "ContextConfig.anchor_source",
        {
            {"none, and no anchors", source_is(nullptr, false), "open no_trust_anchors"},
            {"none, and anchors", source_is(nullptr, true)},
            {"one that has the root", source_is(source(find_root), false)},
            {"one that has the root, and anchors", source_is(source(find_root), true)},
            {"one that has nothing", source_is(source(find_none), false),
             "untrusted / peer_alert 48"},
            {"one that has nothing, and anchors", source_is(source(find_none), true)},
            {"not looked at", SET(own.config.verify = Verify::none; own.config.trust_anchors = {};
                                  own.config.anchor_source = source(find_none))},
        });
    table.add("AnchorSource.user",
              {{"without need", source_is(source(find_root, &somebody), false)}});
    table.add("AnchorSource.find",
              {
                  {"null", source_is(source(nullptr), false), "open invalid_argument"},
                  {"null, and anchors", source_is(source(nullptr), true), "open invalid_argument"},
                  {"the root for each number", source_is(source(find_root_again), false)},
                  {"an anchor of another name", source_is(source(find_other), false),
                   "untrusted / peer_alert 48"},
                  {"an anchor that is empty", source_is(source(find_empty), false),
                   "untrusted / peer_alert 48"},
              });
    table.add("AnchorSource.version",
              {{"of 10000 bytes", source_is(source(find_root, nullptr, bytes(10000)), false)}});
#else
    for (const char* member : {"ContextConfig.anchor_source", "AnchorSource.user",
                               "AnchorSource.find", "AnchorSource.version"})
        table.add(member, {{"set", source_is(source(find_root, &somebody, empty_sequence), true),
                            "open unsupported"}});
#endif
    table.add(
        "ContextConfig.pins",
        {
            {"none", pins_are({})},
            {"nothing to judge by", pins_are({}, false), "open no_trust_anchors"},
            {"one", pins_are({pin("ca")}), works, same, &Can::pins},
            {"in place of anchors", pins_are({pin("ca"), pin("inter")}, false), works, same,
             &Can::pins},
            {"twice", pins_are({pin("ca"), pin("ca")}), works, same, &Can::pins},
            {"1000 others first", pins_are(repeat(1000, bytes(32, 0), {pin("ca")})), works, same,
             &Can::pins},
            {"another", pins_are({bytes(32, 0)}), "pin_mismatch / peer_alert 42", same, &Can::pins},
            {"another, in place of anchors", pins_are({bytes(32, 0)}, false),
             "pin_mismatch / peer_alert 42", same, &Can::pins},
            {"an empty one", pins_are({Bytes{}}), "open invalid_argument", same, &Can::pins},
            {"31 bytes", pins_are({bytes(31)}), "open invalid_argument", same, &Can::pins},
            {"33 bytes", pins_are({bytes(33)}), "open invalid_argument", same, &Can::pins},
        });
    table.add(
        "ContextConfig.more_credentials",
        {
            {"one",
             SET(static const Credential list[] = {credential("other-p256")};
                 own.config.more_credentials = list),
             "open invalid_argument", works, &Can::server_names},
            {"the same again",
             SET(static const Credential list[] = {credential("p256"), credential("p256")};
                 own.config.more_credentials = list),
             "open invalid_argument", works, &Can::server_names},
            {"an empty one",
             SET(static const Credential list[1] = {}; own.config.more_credentials = list),
             "open invalid_argument", "open no_certificate", &Can::server_names},
            {"without a first",
             SET(static const Credential list[] = {credential("p256")};
                 own.config.more_credentials = list; own.config.credential = {}),
             "open invalid_argument", same, &Can::server_names},
            {"200",
             SET(static const std::vector<Credential> list(200, credential("p256"));
                 own.config.more_credentials = list),
             "open invalid_argument", works, &Can::server_names},
            {"one with a signer",
             SET(static const Credential list[] = {with_signer(credential("other-p256"), claim<0>)};
                 own.config.more_credentials = list),
             skip, "signer-for-all-or-none: open unsupported; ok", &Can::sign_callback},
            {"another kind of key",
             SET(static const Credential list[] = {credential("rsa")};
                 own.config.more_credentials = list),
             skip, "!server_names: open unsupported; ok", &Can::rsa},
        });
    table.add(
        "ContextConfig.suites",
        {
            {"none", suites_are({})},
            {"every one of certificates", suites_are({0x1301, 0xc02b, 0xc02c, 0xc02f, 0xc030}),
             works, same, &Can::tls1_3},
            {"one of TLS 1.2", suites_are({0xc02b}), "TLSv1.3: open invalid_argument; ok"},
            {"one of TLS 1.3", suites_are({0x1301}), "TLSv1.3: ok; open invalid_argument", same,
             &Can::tls1_3},
            {"TLS 1.2, the other way round", suites_are({0xc02c, 0xc02b}),
             "TLSv1.3: open invalid_argument; ok",
             "TLSv1.3: open invalid_argument; ok TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
            {"both, the other way round", suites_are({0x1302, 0x1301, 0xc02c, 0xc02b}),
             "clients-order-counts: ok TLS_AES_256_GCM_SHA384; ok",
             "clients-order-counts: ok; TLSv1.3: ok TLS_AES_256_GCM_SHA384; ok "
             "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
             &Can::tls1_3},
            {"one twice", suites_are({0xc02b, 0xc02b}), "TLSv1.3: open invalid_argument; ok"},
            {"one 300 times", suites_are(repeat<std::uint16_t>(300, 0xc02b)),
             "TLSv1.3: open invalid_argument; ok"},
            {"one 300 times, another behind",
             suites_are(repeat<std::uint16_t>(300, 0x1301, {0xc02b})), works, same, &Can::tls1_3},
            {"0", suites_are({0}), "open invalid_argument"},
            {"65535", suites_are({0xffff}), "open invalid_argument"},
            {"GREASE beside a good one", suites_are({0xc02b, 0x0a0a}), "open invalid_argument"},
            {"the renegotiation one", suites_are({0xc02b, 0x00ff}), "open invalid_argument"},
            {"one for RSA keys", suites_are({0xc02f}),
             "TLSv1.3: open invalid_argument; peer_alert 40 / handshake_failure",
             "open invalid_argument", &Can::rsa},
            // Without the switch nobody knows their names.
            {"one for pre-shared keys", suites_are({0x00a8}), "open invalid_argument", same,
             features::psk ? &Can::psk : nullptr},
            {"one for pre-shared keys beside a good one", suites_are({0x00a8, 0xc02b}),
             features::psk ? "TLSv1.3: open invalid_argument; ok" : "open invalid_argument", same,
             features::psk ? &Can::psk : nullptr},
        });
    table.add(
        "ContextConfig.min_version",
        {
            {"none", versions(Version::none, Version::none)},
            {"TLS 1.2", versions(Version::tls1_2, Version::none)},
            {"TLS 1.3", versions(Version::tls1_3, Version::none),
             "TLSv1.3: ok; DTLS: open invalid_argument; tls1.2-sees-no-versions: protocol_version "
             "/ peer_alert 70; peer_alert 70 / protocol_version",
             "TLSv1.3: ok; DTLS: open invalid_argument; protocol_version / peer_alert 70",
             &Can::tls1_3},
            {"1", versions(version(1), Version::none), "open unsupported"},
            {"TLS 1.1", versions(version(0x302), Version::none), "open unsupported"},
            {"0x305", versions(version(0x305), Version::none), "open unsupported"},
            {"DTLS 1.2's number", versions(version(0xfefd), Version::none), "open unsupported"},
        });
    table.add("ContextConfig.max_version",
              {
                  {"TLS 1.2", versions(Version::none, Version::tls1_2),
                   "TLSv1.3: peer_alert 70 / protocol_version; ok",
                   "TLSv1.3 tls1.2-sees-no-versions: peer_alert 70 / protocol_version; TLSv1.3: "
                   "protocol_version / peer_alert 70; ok"},
                  {"TLS 1.3", versions(Version::none, Version::tls1_3), works, same, &Can::tls1_3},
                  {"TLS 1.1", versions(Version::none, version(0x302)), "open unsupported"},
                  {"0xffff", versions(Version::none, version(0xffff)), "open unsupported"},
                  {"below the lowest", versions(Version::tls1_3, Version::tls1_2),
                   "open invalid_argument", same, &Can::tls1_3},
              });
    table.add(
        "ContextConfig.alpn",
        {
            {"none, the peer has some", alpn({}, {"a"})},
            {"one, the peer has none", alpn({"a"}, {})},
            {"one, the peer has another", alpn({"a"}, {"b"}), "peer_alert 120 / no_common_alpn",
             "no_common_alpn / peer_alert 120"},
            {"an empty name", alpn({""}, {}), "open invalid_argument"},
            {"an empty name behind another", alpn({"a", ""}, {}), "open invalid_argument"},
            {"one byte", alpn({"a"}), "ok alpn 1"},
            {"255 bytes", alpn({lasting(std::string(255, 'a'))}), "ok alpn 255"},
            {"256 bytes", alpn({lasting(std::string(256, 'a'))}, {}), "open invalid_argument"},
            {"a NUL within", alpn({"a\0b"sv}), "open invalid_argument"},
            {"a NUL at the end", alpn({"a\0"sv}), "open invalid_argument"},
            {"a NUL only", alpn({"\0"sv}), "open invalid_argument"},
            {"NUL within one of two", alpn({"h2", "a\0b"sv}), "open invalid_argument"},
            {"GREASE", alpn({"\x0a\x0a", "a"}), "ok alpn 2"},
            {"not ASCII", alpn({"\xff\x80\xc3\xa9"}), "ok alpn 4"},
            {"commas and colons", alpn({"a,b:c", "a"}), "ok alpn 5"},
            {"one twice", alpn({"a", "b", "a"}, {"a"}), "ok alpn 1"},
            {"one twice, both", alpn({"a", "a"}), "ok alpn 1"},
            {"another order", alpn({"aa", "b"}, {"b", "aa"}), "ok alpn 1", "ok alpn 2"},
            {"one as often as there may be names", alpn(Names(max_alpn_names, "a"), {"a"}),
             "ok alpn 1"},
            {"once more", alpn(Names(max_alpn_names + 1, "a"), {}), "open invalid_argument"},
            {"as long as a list may be, with a long name",
             SET(alpn(numbered(2, 255))(own, peer);
                 for (Subject* end
                      : {&own, &peer}) if (end->config.role == Role::client) end->identity.sni =
                     longest_name()),
             "ok alpn 255"},
            {"one byte more", alpn({numbered(2, 255)[0], numbered(2, 254)[1], "a"}, {}),
             "open invalid_argument"},
            {"255 of 255 bytes", alpn(numbered(255, 255), {}), "open invalid_argument"},
        },
        &Can::alpn);
    table.add("ContextConfig.datagram",
              {
                  {"with TLS 1.3 as the lowest",
                   SET(own.config.datagram = true, own.config.min_version = Version::tls1_3,
                       own.config.max_version = Version::none),
                   "open invalid_argument"},
                  {"with TLS 1.3 alone",
                   SET(own.config.datagram = true,
                       own.config.min_version = own.config.max_version = Version::tls1_3),
                   "open invalid_argument"},
                  {"with suites of TLS 1.3 alone",
                   SET(static const std::uint16_t list[] = {0x1301};
                       own.config.datagram = true,
                       own.config.min_version = own.config.max_version = Version::none;
                       own.config.suites = list),
                   "open invalid_argument"},
              },
              &Can::dtls);
    table.add("ContextConfig.resumption",
              {
                  {"both", SET(own.config.resumption = peer.config.resumption = true)},
                  {"one", SET(own.config.resumption = true)},
              },
              &Can::resumption);
    table.add(
        "ContextConfig.session_lifetime",
        {
            {"a second", lifetime(1), works, same, &Can::resumption},
            {"a week", lifetime(max_session_lifetime), works, same, &Can::resumption},
            {"more than a week", lifetime(max_session_lifetime + 1), "open invalid_argument", same,
             &Can::resumption},
            {"all there is", lifetime(UINT32_MAX), "open invalid_argument", same, &Can::resumption},
            {"a second, without resumption", SET(own.config.session_lifetime = 1), works, same,
             &Can::resumption},
        });
    table.add(
        "ContextConfig.ticket_keys",
        {
            {"one", ticket_keys({32}), "open invalid_argument", works, &Can::ticket_keys},
            {"two", ticket_keys({32, 32}), "open invalid_argument", works, &Can::ticket_keys},
            {"three", ticket_keys({32, 32, 32}), "open invalid_argument", same, &Can::ticket_keys},
            {"an empty one", ticket_keys({0}), "open invalid_argument", same, &Can::ticket_keys},
            {"one of 31 bytes", ticket_keys({31}), "open invalid_argument", same,
             &Can::ticket_keys},
            {"the second of 33 bytes", ticket_keys({32, 33}), "open invalid_argument", same,
             &Can::ticket_keys},
            {"one, without resumption",
             SET(ticket_keys({32})(own, peer); own.config.resumption = false),
             "open invalid_argument", same, &Can::ticket_keys},
        });
    table.add("ContextConfig.session_cache_size",
              {
                  {"0", cache(0), works, same, &Can::resumption},
                  {"1", cache(1), works, same, &Can::resumption},
                  {"100", cache(100), works, same, &Can::resumption},
                  {"a megabyte", cache(1 << 20), works, same, &Can::resumption},
                  {"all there is", cache(SIZE_MAX), works,
                   "sessions-by-id-only: open no_memory; ok", &Can::resumption},
                  {"all there is, without resumption", cache(SIZE_MAX, false)},
              });
    const char* const refused = "open invalid_argument";
    table.add("ContextConfig.datagram_size",
              {
                  {"0", datagram_size(0)},
                  {"1", datagram_size(1), refused, same, &Can::dtls},
                  {"255", datagram_size(255), refused, same, &Can::dtls},
                  {"256", datagram_size(256), "DTLS: ok fragments 219; open invalid_argument", same,
                   &Can::dtls},
                  {"1400", datagram_size(1400), "DTLS: ok fragments 1363; open invalid_argument",
                   same, &Can::dtls},
                  {"16384", datagram_size(16384), "DTLS: ok fragments 16347; open invalid_argument",
                   same, &Can::dtls},
                  {"16385", datagram_size(16385), refused, same, &Can::dtls},
                  {"65535", datagram_size(65535), refused, same, &Can::dtls},
              });
    const char* const for_datagrams = "DTLS: ok ID; open invalid_argument";
    using C = Capabilities;
    table.add("ContextConfig.connection_id",
              {
                  {"false", connection_id(false, 0, 0)},
                  {"true", connection_id(true, 0, 0), "DTLS: ok; open invalid_argument", same,
                   &C::connection_id},
                  {"true, the peer has none",
                   SET(connection_id(true, 0, 0)(own, peer); peer.config.connection_id = false),
                   "DTLS: ok; open invalid_argument", same, &C::connection_id},
              });
    table.add(
        "ContextConfig.connection_id_size",
        {
            {"1", connection_id(true, 1, 1), for_datagrams, same, &C::connection_id},
            {"32", connection_id(true, 32, 32), for_datagrams, same, &C::connection_id},
            {"33", connection_id(true, 33, 33), "open invalid_argument", same, &C::connection_id},
            {"255", connection_id(true, 255, 33), "open invalid_argument", same, &C::connection_id},
            {"1, without connection_id", connection_id(false, 1, 1), "open invalid_argument", same,
             &C::connection_id},
        });
    const char* const of_other_size = "DTLS: session invalid_argument; open invalid_argument";
    table.add(
        "PeerIdentity.connection_id",
        {
            {"8 bytes", connection_id(true, 8, 8), for_datagrams, same, &C::connection_id},
            {"none of 8", connection_id(true, 8, 0), of_other_size, same, &C::connection_id},
            {"7 of 8", connection_id(true, 8, 7), of_other_size, same, &C::connection_id},
            {"9 of 8", connection_id(true, 8, 9), of_other_size, same, &C::connection_id},
            {"1 of 0", connection_id(true, 0, 1), of_other_size, same, &C::connection_id},
            {"1, without connection_id", connection_id(false, 0, 1), "session invalid_argument"},
        });
    table.add(
        "ContextConfig.max_fragment_length",
        {
            {"0", fragments(0)},
            {"1", fragments(1), "open invalid_argument", same, &Can::max_fragment_length},
            {"511", fragments(511), "open invalid_argument", same, &Can::max_fragment_length},
            {"512", fragments(512),
             "TLSv1.3 !max_fragment_length_tls1_3: open unsupported; ok fragments 512",
             "open invalid_argument", &Can::max_fragment_length},
            {"1024", fragments(1024),
             "TLSv1.3 !max_fragment_length_tls1_3: open unsupported; ok fragments 1024",
             "open invalid_argument", &Can::max_fragment_length},
            {"4096", fragments(4096),
             "DTLS: ok; TLSv1.3 !max_fragment_length_tls1_3: open unsupported; ok fragments 4096",
             "open invalid_argument", &Can::max_fragment_length},
            {"8192", fragments(8192), "open invalid_argument", same, &Can::max_fragment_length},
            {"65535", fragments(65535), "open invalid_argument", same, &Can::max_fragment_length},
        });
    table.add("ContextConfig.record_size_limit",
              {
                  {"0", record_limit(0)},
                  {"1", record_limit(1), "DTLS: open unsupported; open invalid_argument", same,
                   &Can::record_size_limit},
                  {"63", record_limit(63), "DTLS: open unsupported; open invalid_argument", same,
                   &Can::record_size_limit},
                  {"600", record_limit(600), "DTLS: open unsupported; ok fragments 600", same,
                   &Can::record_size_limit},
                  {"1000", record_limit(1000), "DTLS: open unsupported; ok fragments 1000", same,
                   &Can::record_size_limit},
                  {"16384", record_limit(16384), "DTLS: open unsupported; ok", same,
                   &Can::record_size_limit},
                  {"16385", record_limit(16385), "DTLS: open unsupported; open invalid_argument",
                   same, &Can::record_size_limit},
                  {"65535", record_limit(65535), "DTLS: open unsupported; open invalid_argument",
                   same, &Can::record_size_limit},
              });
    table.add("ContextConfig.handshake_timeout",
              {
                  {"0", timeout(0)},
                  {"1", timeout(1), works, same, &Can::handshake_timeout},
                  {"the longest", timeout(UINT32_MAX - 1), works, same, &Can::handshake_timeout},
                  {"one more", timeout(UINT32_MAX), "open invalid_argument", same,
                   &Can::handshake_timeout},
                  {"without milliseconds",
                   SET(own.config.handshake_timeout = 1000; own.environment.milliseconds = nullptr),
                   "open unsupported", same, &Can::handshake_timeout},
              });
    table.add(
        "ContextConfig.keep_peer_certificate",
        {
            {"true", SET(own.config.keep_peer_certificate = true), "ok certificate", works},
            {"true, the peer has one",
             SET(own.config.keep_peer_certificate = true;
                 verify(Verify::required, true)(own, peer)),
             "ok certificate"},
            {"true, optional",
             SET(own.config.keep_peer_certificate = true;
                 verify(Verify::optional, false)(own, peer)),
             "ok certificate", works},
            {"true, not verifying",
             SET(own.config.keep_peer_certificate = true; verify(Verify::none, true)(own, peer)),
             "ok certificate", works},
        });
    table.add(
        "ContextConfig.psk",
        {
            {"not verifying", SET(psk("i", "key")(own, peer); own.config.verify = Verify::none),
             "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", skip},
            {"the peer has none", SET(psk("i", "key")(own, peer); peer.config.psk_callback = {}),
             "psk-client-asks-for-certificates: untrusted / peer_alert 48; peer_alert 40 / "
             "handshake_failure",
             skip},
            {"the peer has none, not verifying",
             SET(psk("i", "key")(own, peer); peer.config.psk_callback = {};
                 own.config.verify = Verify::none),
             "psk-client-asks-for-certificates: untrusted / peer_alert 48; peer_alert 40 / "
             "handshake_failure",
             skip},
            {"with anchors, the peer has none",
             SET(psk("i", "key")(own, peer); peer.config.psk_callback = {};
                 own.config.trust_anchors = anchors({"ca"})),
             works, skip},
            {"with a certificate",
             SET(psk("i", "key")(own, peer); own.config.credential = credential("client")),
             "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", skip},
        },
        &Can::psk);
    table.add("ContextConfig.psk_callback",
              {
                  {"a client's", SET(own.config.psk_callback.find = give_key<16>),
                   "open invalid_argument", skip},
              },
              &Can::psk);
    table.add("ContextConfig.verify_callback",
              {
                  {"without anchors",
                   SET(own.config.trust_anchors = {};
                       own.config.verify_callback.accept = [](void*, Bytes, unsigned,
                                                              Err) { return true; }),
                   "open no_trust_anchors", works},
              },
              &Can::verify_callback);
    table.add("ContextConfig.server_name_callback",
              {
                  {"a client's", SET(own.config.server_name_callback.choose = choose<0>),
                   "open invalid_argument", skip},
              },
              &Can::server_names);
    table.add("ContextConfig.key_log",
              {
                  {"both ends", SET(own.config.key_log.line =
                                        peer.config.key_log.line = [](void*, std::string_view) {})},
              },
              &Can::key_log);
    table.add("ContextConfig.credential", {
                                              {"as it is", SET()},
                                          });
}

void add_policy(Table& table) {
    using Can = Capabilities;
    table.add(
        "Policy.check_identity",
        {
            {"off, no name",
             SET(off<&Policy::check_identity>(own, peer); own.identity.dns_name = {})},
            {"off, another name",
             SET(off<&Policy::check_identity>(own, peer); own.identity.dns_name = "a.example")},
            {"off, a bad name",
             SET(off<&Policy::check_identity>(own, peer); own.identity.dns_name = "a..example"),
             "session invalid_argument"},
        });
    table.add("Policy.check_time", {
                                       {"off, no clock", SET(off<&Policy::check_time>(own, peer);
                                                             own.environment.now = nullptr)},
                                       {"off", off<&Policy::check_time>},
                                   });
    table.add("Policy.check_purpose", {
                                          {"off", off<&Policy::check_purpose>},
                                      });
    table.add("Policy.check_key_strength", {
                                               {"off", off<&Policy::check_key_strength>},
                                           });
    table.add("Policy.check_signature_strength",
              {
                  {"off", off<&Policy::check_signature_strength>},
              },
              &Can::sha1_signatures);
    table.add("Policy.check_constraints",
              {
                  {"off", off<&Policy::check_constraints>, works, same, &Can::lenient_paths},
                  {"off, not verifying", SET(own.config.policy.check_constraints = false;
                                             own.config.verify = Verify::none)},
              });
    table.add("Policy.check_critical_extensions",
              {
                  {"off", off<&Policy::check_critical_extensions>},
              },
              &Can::lenient_paths);
    table.add(
        "Policy.callback_may_accept",
        {
            {"on, no callback",
             SET(off<&Policy::check_time>(own, peer); own.config.policy.check_time = true;
                 own.config.policy.callback_may_accept = true; own.identity.dns_name = "a.example"),
             "wrong_host / peer_alert 42", works},
            {"on, it accepts",
             SET(off<&Policy::check_time>(own, peer); own.config.policy.check_time = true;
                 own.config.policy.callback_may_accept = true; own.identity.dns_name = "a.example";
                 own.config.verify_callback.accept = [](void*, Bytes, unsigned,
                                                        Err) { return true; }),
             works, same, &Can::verify_callback},
        });
}

void add_credentials(Table& table) {
    using Can = Capabilities;
    const Bytes garbage = bytes(7, 0x30);
    const Bytes leaf = file("p256.crt.der"), issuer = file("inter.der"), root = file("ca.der");
    table.add(
        "Credential.chain",
        {
            {"none",
             SET(own.config.credential = credential("client"); own.config.credential.chain = {}),
             "open no_certificate"},
            {"nor a key", SET(own_credential({})(own, peer)),
             "TLSv1.3: peer_alert 116 / no_peer_certificate; peer_alert 40 / no_peer_certificate",
             "open no_certificate"},
            {"an empty certificate", own_chain({Bytes{}}), "open bad_certificate"},
            {"garbage", own_chain({garbage}), "open bad_certificate"},
            {"garbage behind the leaf", own_chain({leaf, garbage}), skip, "open bad_certificate"},
            {"an empty one behind the leaf", own_chain({leaf, Bytes{}}), skip,
             "open bad_certificate"},
            {"a byte behind the certificate", own_chain({joined(leaf, bytes(1, 0)), issuer}), skip,
             "open bad_certificate"},
            {"two certificates in one", own_chain({joined(leaf, issuer)}), skip,
             "open bad_certificate"},
            {"without its issuer", own_chain({leaf}), skip, "peer_alert 48 / untrusted"},
            {"with the anchor", own_chain({leaf, issuer, root}), skip, works},
            {"the leaf twice", own_chain({leaf, leaf, issuer}), skip, works},
            {"the issuer first", own_chain({issuer, leaf}), skip, "open key_mismatch"},
            {"in disorder", own_chain({leaf, root, issuer}), skip, works},
            {"12", own_chain(repeat(1, leaf, repeat(11, issuer))), skip, works},
            {"13", own_chain(repeat(1, leaf, repeat(12, issuer))), skip, "open invalid_argument"},
            {"another kind of certificate behind",
             own_chain({leaf, issuer, file("rsa-ca.der"), file("p521.crt.der")}), skip, works},
            {"expired", own_credential(credential("expired")), "open not_valid_now"},
            {"P-521", own_credential(credential("p521")), "open unsupported"},
            {"a client's", own_credential(credential("client")), works,
             "peer_alert 43 / wrong_purpose"},
            {"a CA's",
             SET(static const Bytes list[] = {file("inter.der")};
                 own_credential({list, credential("client").private_key, {}})(own, peer)),
             "open key_mismatch"},
        });
    table.add(
        "Credential.private_key",
        {
            {"none", own_credential(with_key(credential("client"), {})), "open no_private_key"},
            {"another",
             own_credential(with_key(credential("client"), credential("p256").private_key)),
             "open key_mismatch"},
            {"of another kind",
             own_credential(with_key(credential("client"), credential("rsa").private_key)),
             "open key_mismatch"},
            {"garbage", own_credential(with_key(credential("client"), garbage)),
             "open bad_private_key"},
            {"a byte", own_credential(with_key(credential("client"), bytes(1))),
             "open bad_private_key"},
            {"a byte behind",
             own_credential(with_key(credential("client"),
                                     joined(credential("client").private_key, bytes(1, 0)))),
             "open bad_private_key"},
            {"a certificate",
             own_credential(with_key(credential("client"), credential("client").chain.front())),
             "open bad_private_key"},
            {"SEC1", own_credential(credential("client", ".trad")), works,
             "peer_alert 43 / wrong_purpose"},
            {"and a signer",
             SET(Credential both = credential("client"); both.signer.sign = claim<0>;
                 own_credential(both)(own, peer)),
             "open invalid_argument", same, &Can::sign_callback},
        });
    table.add("Credential.signer",
              {
                  {"without a certificate",
                   SET(Credential no; no.signer.sign = claim<0>; own_credential(no)(own, peer)),
                   "open no_certificate"},
              });
    table.add("Signer.user", {
                                 {"without a function",
                                  SET(Credential no = credential("client"); no.private_key = {};
                                      no.signer.user = &somebody; own_credential(no)(own, peer)),
                                  "open no_private_key"},
                             });
    table.add(
        "Signer.sign",
        {
            {"no size", signer("p256", "client", claim<SIZE_MAX - 1>),
             "signer_failed / peer_alert 80"},
            {"0 bytes", signer("p256", "client", claim<0>), "signer_failed / peer_alert 80"},
            {"1 byte", signer("p256", "client", claim<1>), "signer_failed / peer_alert 80"},
            {"64 bytes", signer("p256", "client", claim<64>), "signer_failed / peer_alert 80"},
            {"200 bytes", signer("p256", "client", claim<200>), "signer_failed / peer_alert 80"},
            {"of the numbers 1 and 1", signer("p256", "client", give_ones),
             "peer_alert 51 / bad_signature"},
            {"SIZE_MAX", signer("p256", "client", claim<SIZE_MAX>),
             "signer_failed / peer_alert 80"},
            {"RSA, 0 bytes", signer("rsa", "client-rsa", claim<0>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
            {"RSA, 1 byte", signer("rsa", "client-rsa", claim<1>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
            {"RSA, 255 bytes", signer("rsa", "client-rsa", claim<255>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
            {"RSA, 257 bytes", signer("rsa", "client-rsa", claim<257>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
            {"RSA, 512 bytes", signer("rsa", "client-rsa", claim<512>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
            {"RSA, 256 bytes, wrong", signer("rsa", "client-rsa", claim<256>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; peer_alert 51 / bad_signature"},
            {"RSA, SIZE_MAX", signer("rsa", "client-rsa", claim<SIZE_MAX>),
             "TLSv1.3 !rsa_signer_tls1_3: open unsupported; signer_failed / peer_alert 80"},
        },
        &Can::sign_callback);
}

void add_keys(Table& table) {
    using Can = Capabilities;
    table.add(
        "PreSharedKey.identity",
        {
            {"none", psk("", "key"), "open invalid_argument"},
            {"1 byte", psk("i", "key"),
             "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "open invalid_argument"},
            {"128 bytes", psk(lasting(std::string(128, 'i')), "key"),
             "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "open invalid_argument"},
            {"129 bytes", psk(lasting(std::string(129, 'i')), "key"), "open invalid_argument"},
            {"a NUL within", psk("a\0b"sv, "key"),
             "psk-identities-end-at-nul: open unsupported; TLSv1.3: ok; ok "
             "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "open invalid_argument"},
            {"a NUL at the end", psk("a\0"sv, "key"),
             "psk-identities-end-at-nul: open unsupported; TLSv1.3: ok; ok "
             "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "open invalid_argument"},
            {"not ASCII", psk("\xff\x80", "key"),
             "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
             "open invalid_argument"},
        },
        &Can::psk);
    table.add("PreSharedKey.key",
              {
                  {"none", psk("i", ""), "open invalid_argument"},
                  {"1 byte", psk("i", "\0"sv),
                   "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
                   "open invalid_argument"},
                  {"zeros", psk("i", lasting(std::string(32, '\0'))),
                   "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
                   "open invalid_argument"},
                  {"48 bytes", psk("i", lasting(std::string(48, 'k'))),
                   "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
                   "open invalid_argument"},
                  {"49 bytes", psk("i", lasting(std::string(49, 'k'))), "open invalid_argument"},
              },
              &Can::psk);
    table.add("PskCallback.user",
              {
                  {"without a function", SET(own.config.psk_callback.user = &somebody)},
              });
    table.add("PskCallback.find",
              {
                  {"none, nor a certificate", SET(own.config.credential = {}), skip,
                   "open no_certificate"},
                  {"a key", found_key(give_key<16>), skip,
                   "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", &Can::psk},
                  {"a key, clients with neither", SET(own.config.psk_callback.find = give_key<16>),
                   skip, works, &Can::psk},
                  {"an empty key", found_key(give_key<0>), skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"an empty key without an address", found_key([](void*, Bytes, Bytes* key) {
                       *key = {};
                       return true;
                   }),
                   skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"48 bytes", found_key(give_key<48>, lasting(std::string(48, 'k'))), skip,
                   "TLSv1.3: ok; ok TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", &Can::psk},
                  {"49 bytes", found_key(give_key<49>), skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"1000 bytes", found_key(give_key<1000>), skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"nothing", found_key([](void*, Bytes, Bytes*) { return true; }), skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"a key, and no", found_key([](void*, Bytes, Bytes* key) {
                       give_key<16>(nullptr, {}, key);
                       return false;
                   }),
                   skip,
                   "psk-client-asks-for-certificates: peer_alert 48 / untrusted; unknown_psk / "
                   "peer_alert 115",
                   &Can::psk},
                  {"no, and no certificate",
                   SET(found_key([](void*, Bytes, Bytes*) { return false; })(own, peer);
                       own.config.credential = {}),
                   skip,
                   "unknown-psk-has-nothing-in-common: handshake_failure / peer_alert 40; "
                   "unknown_psk / peer_alert 115",
                   &Can::psk},
              });
}

void add_callbacks(Table& table) {
    using Can = Capabilities;
    table.add("VerifyCallback.user",
              {
                  {"without a function", SET(own.config.verify_callback.user = &somebody)},
              });
    table.add("VerifyCallback.version",
              {
                  {"of 10000 bytes", SET(own.config.verify_callback.version = bytes(10000))},
              });
    table.add(
        "VerifyCallback.accept",
        {
            {"refuses",
             SET(verify(Verify::required, true)(own, peer);
                 own.config.verify_callback.accept = [](void*, Bytes, unsigned,
                                                        Err) { return false; }),
             "refused_by_callback / peer_alert 42"},
            {"accepts", SET(verify(Verify::required, true)(own, peer);
                            own.config.verify_callback.accept =
                                [](void* user, Bytes, unsigned, Err) { return user == nullptr; })},
            {"refuses, not verifying", SET(own.config.verify = Verify::none;
                                           own.config.verify_callback.accept =
                                               [](void*, Bytes, unsigned, Err) { return false; })},
            {"refuses what is optional",
             SET(verify(Verify::optional, false)(own, peer);
                 own.config.verify_callback.accept = [](void*, Bytes, unsigned,
                                                        Err) { return false; }),
             "refused_by_callback / peer_alert 42", works},
        },
        &Can::verify_callback);
    table.add("ServerNameCallback.user",
              {
                  {"without a function", SET(own.config.server_name_callback.user = &somebody)},
              });
    table.add(
        "ServerNameCallback.choose",
        {
            {"0", choice(choose<0>), skip, works},
            {"0, no name", choice(choose<0>, ""), skip, works},
            {"1, which is none", choice(choose<1>), skip, "unknown_server_name / peer_alert 112"},
            {"-1", choice(choose<-1>), skip, "unknown_server_name / peer_alert 112"},
            {"-1, no name", choice(choose<-1>, ""), skip, "unknown_server_name / peer_alert 112"},
            {"INT_MAX", choice(choose<INT32_MAX>), skip, "unknown_server_name / peer_alert 112"},
            {"INT_MIN", choice(choose<INT32_MIN>), skip, "unknown_server_name / peer_alert 112"},
            {"-1 for a name that the certificate is for", choice(choose<-1>, "localhost"), skip,
             works},
            {"with keys alone",
             SET(found_key(give_key<16>)(own, peer); own.config.credential = {};
                 own.config.server_name_callback.choose = choose<0>),
             skip, "open invalid_argument"},
        },
        &Can::server_names);
    table.add("KeyLog.user", {
                                 {"without a function", SET(own.config.key_log.user = &somebody)},
                             });
    table.add("KeyLog.line",
              {
                  {"a function", SET(own.config.key_log.line = [](void*, std::string_view) {})},
              },
              &Can::key_log);
}

void add_identity(Table& table) {
    using Can = Capabilities;
    table.add("PeerIdentity.ip_address",
              {
                  {"none", SET(own.identity.ip_address = {})},
                  {"1 byte", SET(own.identity.ip_address = bytes(1); own.identity.dns_name = {}),
                   "session invalid_argument"},
                  {"4 bytes", SET(own.identity.ip_address = bytes(4); own.identity.dns_name = {}),
                   "wrong_host / peer_alert 42", works},
                  {"5 bytes", SET(own.identity.ip_address = bytes(5); own.identity.dns_name = {}),
                   "session invalid_argument"},
                  {"16 bytes", SET(own.identity.ip_address = bytes(16); own.identity.dns_name = {}),
                   "wrong_host / peer_alert 42", works},
                  {"17 bytes", SET(own.identity.ip_address = bytes(17); own.identity.dns_name = {}),
                   "session invalid_argument"},
                  {"and a name",
                   SET(own.identity.ip_address = bytes(4); own.identity.dns_name = "localhost"),
                   "session invalid_argument", works},
              });
    table.add("PeerIdentity.resumption",
              {
                  {"a byte", SET(own.identity.resumption = bytes(1))},
                  {"a byte, resuming",
                   SET(own.identity.resumption = bytes(1);
                       own.config.resumption = peer.config.resumption = true),
                   works, same, &Can::resumption},
                  {"100 KB",
                   SET(own.identity.resumption = bytes(100000);
                       own.config.resumption = peer.config.resumption = true),
                   works, same, &Can::resumption},
              });
    table.add(
        "PeerIdentity.client_id",
        {
            {"none", SET(own.identity.client_id = {}), works, "DTLS: session invalid_argument; ok"},
            {"1 byte", SET(own.identity.client_id = bytes(1, 0))},
            {"the longest", SET(own.identity.client_id = bytes(max_client_id))},
            {"one more", SET(own.identity.client_id = bytes(max_client_id + 1)), works,
             "DTLS: session invalid_argument; ok"},
        });
    // Then no cookie is requested.
    table.add("PeerIdentity.cookie_verified", {{"yes", SET(own.identity.cookie_verified = true)},
                                               {"no", SET(own.identity.cookie_verified = false)}});
    struct Name {
        const char* what;
        std::string_view text;
        const char* of_client = "wrong_host / peer_alert 42"; // as dns_name
        const char* of_server = works;
    };
    constexpr auto bad = "session invalid_argument";
    const std::string label63(63, 'a');
    const Name names[] = {
        {"none", "", "session no_server_name"},
        {"one letter", "a"},
        {"a space", " ", bad, bad},
        {"a dot", ".", bad, bad},
        {"another one", "a.example"},
        {"in capitals", "LOCALHOST", works},
        {"with a dot behind", "localhost.", works},
        {"with two dots behind", "localhost..", bad, bad},
        {"with a dot before", ".localhost", bad, bad},
        {"an underscore", "_a.example"},
        {"hyphens", "-a-.example"},
        {"a star", "*.example", bad, bad},
        {"a NUL behind", "localhost\0"sv, bad, bad},
        {"a NUL within", "local\0host"sv, bad, bad},
        {"not ASCII", "caf\xc3\xa9.example", bad, bad},
        {"a port", "localhost:443", bad, bad},
        {"an IPv4 address", "127.0.0.1", bad, bad},
        {"an IPv6 address", "::1", bad, bad},
        {"in brackets", "[::1]", bad, bad},
        {"a label of 63", lasting(label63 + ".example")},
        {"a label of 64", lasting(label63 + "a.example"), bad, bad},
        {"253 characters", longest_name()},
        {"253 characters and a dot", lasting(std::string(longest_name()) + ".")},
        {"254 characters", lasting(std::string(longest_name()) + "b"), bad, bad},
        {"70000 characters", lasting(std::string(70000, 'a')), bad, bad},
    };
    for (const auto& [what, text, of_client, of_server] : names) {
        table.add("PeerIdentity.dns_name", {{what, name_is(text), of_client, of_server}});
        // A client may send any valid name.
        table.add("PeerIdentity.sni",
                  {{what, sni_is(text), of_client == bad ? bad : works, of_server}});
    }
}

void add_environment(Table& table) {
    using Can = Capabilities;
    table.add("Environment.user",
              {
                  {"null, all functions without it",
                   SET(own.environment = posix_environment(); own.environment.user = nullptr)},
              });
    table.add("Environment.random",
              {
                  {"none", SET(own.environment.random = nullptr), "open no_randomness"},
                  {"fails", SET(own.environment.random = [](void*, MutableBytes) { return false; }),
                   "open no_randomness"},
              });
    table.add(
        "Environment.now",
        {
            {"none", now_is(nullptr), "session clock_not_set"},
            {"none, not verifying",
             SET(own.environment.now = nullptr; own.config.verify = Verify::none)},
            {"none, resuming",
             SET(own.environment.now = nullptr; own.config.verify = Verify::none;
                 own.config.resumption = peer.config.resumption = true),
             works, same, &Can::resumption},
            {"not set", now_is([](void*, UnixTime*) { return false; }), "session clock_not_set"},
            {"0", now_is(tell<0>), "session clock_not_set"},
            {"-1", now_is(tell<-1>), "session clock_not_set"},
            {"a second too early", now_is(tell<earliest_time - 1>), "session clock_not_set"},
            {"the earliest", now_is(tell<earliest_time>), "not_yet_valid / peer_alert 45",
             "open not_valid_now"},
            {"after 2038", now_is(tell<(UnixTime{1} << 31) + 1>), "expired / peer_alert 45",
             "open not_valid_now"},
            {"after 2106", now_is(tell<(UnixTime{1} << 32) + 1>), "expired / peer_alert 45",
             "open not_valid_now"},
            {"the last", now_is(tell<INT64_MAX>), "expired / peer_alert 45", "open not_valid_now"},
            {"the last, resuming, not verifying",
             SET(own.environment.now = tell<INT64_MAX>; own.config.verify = Verify::none;
                 own.config.policy.check_time = false; // of its own certificate
                 own.config.resumption = peer.config.resumption = true),
             works, same, &Can::resumption},
            {"the first", now_is(tell<INT64_MIN>), "session clock_not_set"},
            {"the first, resuming, not verifying",
             SET(own.environment.now = tell<INT64_MIN>; own.config.verify = Verify::none;
                 own.config.resumption = peer.config.resumption = true),
             works, same, &Can::resumption},
        });
    table.add(
        "Environment.milliseconds",
        {
            {"none", SET(own.environment.milliseconds = nullptr), "DTLS: open unsupported; ok"},
            {"none, resuming",
             SET(own.environment.milliseconds = nullptr;
                 own.config.resumption = peer.config.resumption = true),
             "DTLS: open unsupported; ok", same, &Can::resumption},
            {"0xffffffff", SET(own.environment.milliseconds = [](void*) { return UINT32_MAX; })},
        });
}

} // namespace

std::vector<Value> all_values() {
    Table table;
    add_context(table);
    add_policy(table);
    add_credentials(table);
    add_keys(table);
    add_callbacks(table);
    add_identity(table);
    add_environment(table);
    return table.values;
}

} // namespace ussl::test
