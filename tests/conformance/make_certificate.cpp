// Keys, certificates and requests that a device makes: the same DER on every backend, except for
// random parts; valid in its own handshakes; and a clear error for impossible requests.
#include "ussl/make_certificate.hpp"

#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"
#include "support/test_environment.hpp"

#include "ussl/x509/der.hpp"
#include "ussl/x509/description.hpp"
#include "ussl/x509/identity.hpp"
#include "ussl/x509/private_key.hpp"

#include <algorithm>
#include <array>
#include <limits>

#if USSL_MAKE_CERTIFICATES

using namespace ussl;
using namespace ussl::test;

namespace {

using Key = std::array<std::uint8_t, made_key_size>;

Key new_key(const BackendUnderTest& backend, const Environment& environment = posix_environment()) {
    std::uint8_t made[made_key_size];
    REQUIRE(make_key(backend.p256(), environment, made) == Err::none);
    return std::to_array(made);
}

// Texts in the interface's form.
struct Names {
    std::vector<std::string> texts;
    std::vector<Bytes> bytes;

    Names(std::initializer_list<std::string> list) : texts(list) {
        for (const std::string& text : texts)
            bytes.push_back(as_bytes(text));
    }
};
const Names localhost{"localhost"};

// In a buffer of exactly the size that is said to suffice.
struct Made {
    Err error = Err::none;
    Blob der;
};
Made certificate(const BackendUnderTest& backend, const NewCertificate& contents,
                 const Environment& environment = posix_environment()) {
    Blob room(room_for_certificate(contents.names));
    Bytes made;
    const Err error = make_certificate(backend.p256(), environment, contents, room, made);
    return {error, Blob(made.begin(), made.end())};
}
Made request(const BackendUnderTest& backend, const NewCertificate& contents,
             const Environment& environment = posix_environment()) {
    Blob room(room_for_certificate(contents.names));
    Bytes made;
    const Err error = make_certificate_request(backend.p256(), environment, contents, room, made);
    return {error, Blob(made.begin(), made.end())};
}

// A certificate's validity, with tag and length.
Blob validity_in(const Bytes& der) {
    der::Row outer(der), fields(Bytes{});
    REQUIRE(outer.take(der::sequence));
    fields = der::Row(outer.value);
    REQUIRE(fields.take(der::sequence));
    fields = der::Row(fields.value);
    for (const std::uint8_t tag :
         {der::context_constructed(0), std::uint8_t{der::integer}, std::uint8_t{der::sequence},
          std::uint8_t{der::sequence}, std::uint8_t{der::sequence}})
        REQUIRE(fields.take(tag));
    return Blob(fields.value.begin(), fields.value.end());
}

Blob times(std::string_view first, std::string_view last) {
    Blob made;
    for (const std::string_view text : {first, last}) {
        made.push_back(text.size() == 13 ? der::utc_time : der::generalized_time);
        made.push_back(static_cast<std::uint8_t>(text.size()));
        made.insert(made.end(), text.begin(), text.end());
    }
    return made;
}

constexpr UnixTime y2027 = 1798761600; // 2027-01-01T00:00:00Z
constexpr UnixTime day = 86400;

} // namespace

EACH_BACKEND("a generated key is an ECPrivateKey with its public key, and never repeats") {
    const Key key = new_key(backend), other = new_key(backend);
    CHECK(key != other);
    x509::PrivateKey read;
    REQUIRE(x509::parse_private_key(key, read) == Err::none);
    CHECK(read.kind == x509::KeyKind::ec_p256);
    CHECK(read.scalar.size() == 32);
    REQUIRE(read.public_key.size() == 65);
    CHECK(read.public_key[0] == 4);
    // RFC 5915, 3: everything except the scalar and the point, byte by byte.
    const Blob front{0x30, 0x77, 2, 1, 1, 4, 32};
    const Blob middle{0xa0, 10, 6, 8,    0x2a, 0x86, 0x48, 0xce, 0x3d,
                      3,    1,  7, 0xa1, 0x44, 3,    0x42, 0};
    CHECK(equal(Bytes(key).first(front.size()), front));
    CHECK(equal(Bytes(key).subspan(39, middle.size()), middle));
}

EACH_BACKEND("a known scalar gives its known public key") {
    // RFC 6979, A.2.5.
    const std::uint8_t scalar[32] = {0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA, 0x75, 0x16,
                                     0x6B, 0x5C, 0x21, 0x57, 0x67, 0xB1, 0xD6, 0x93,
                                     0x4E, 0x50, 0xC3, 0xDB, 0x36, 0xE8, 0x9B, 0x12,
                                     0x7B, 0x8A, 0x62, 0x2B, 0x12, 0x0F, 0x67, 0x21};
    const std::uint8_t x[] = {0x60, 0xFE, 0xD4, 0xBA, 0x25, 0x5A, 0x9D, 0x31};
    const std::uint8_t y[] = {0x79, 0x03, 0xFE, 0x10, 0x08, 0xB8, 0xBC, 0x99};
    struct Given {
        Environment environment{this, random, posix_environment().now, nullptr};
        const std::uint8_t (&scalar)[32];
        bool first = true;

        explicit Given(const std::uint8_t (&s)[32]) : scalar(s) {}
        static bool random(void* user, MutableBytes out) {
            auto& self = *static_cast<Given*>(user);
            const bool is_first = self.first && out.size() == 32;
            self.first = false;
            if (!is_first) return posix_environment().random(nullptr, out);
            std::copy_n(self.scalar, 32, out.begin());
            return true;
        }
    } given(scalar);
    const Key key = new_key(backend, given.environment);
    CHECK(equal(Bytes(key).subspan(7, 32), Bytes{scalar}));
    CHECK(equal(Bytes(key).subspan(57, 8), Bytes{x}));
    CHECK(equal(Bytes(key).subspan(89, 8), Bytes{y}));
}

EACH_BACKEND("made certificates work: self-signed, trusted as anchors or by their pin") {
    const Key key = new_key(backend);
    const Names names{"localhost", "192.0.2.7"};
    const Made made = certificate(backend, {key, names.bytes, 10});
    REQUIRE(made.error == Err::none);
    const Bytes chain[] = {made.der};
    std::uint8_t digest[32];
    REQUIRE(backend.backend().sha256(x509::subject_public_key_of(made.der), digest));
    const Bytes pin[] = {Bytes{digest}};
    Settings server = server_settings();
    server.config.credential = {chain, key};
    for (const Version version : versions_of(backend)) {
        CAPTURE(version);
        Settings client = client_settings().versions(version);
        client.config.trust_anchors = chain;
        for (const bool pinned : {false, true}) {
            CAPTURE(pinned);
            if (pinned && !backend.can().pins) continue;
            if (pinned) client.config.pins = pin, client.config.trust_anchors = {};
            Refusal result = connect(backend, client, backend, server);
            CHECK(result.client == Err::none);
            CHECK(result.server_established);
            client.identity.dns_name = client.identity.sni = "elsewhere.test";
            CHECK(connect(backend, client, backend, server).client == Err::wrong_host);
            client.identity = client_settings().identity;
        }
        // A certificate of another device with the same name.
        const Key other = new_key(backend);
        const Made stranger = certificate(backend, {other, names.bytes, 10});
        const Bytes others[] = {stranger.der};
        client.config.pins = {};
        client.config.trust_anchors = others;
        CHECK(connect(backend, client, backend, server).client == Err::untrusted);
    }
}

EACH_BACKEND("made certificates authenticate a client, too") {
    if (!backend.can().client_certificates) return;
    const Key key = new_key(backend);
    const Made made = certificate(backend, {key, localhost.bytes, 10});
    const Bytes chain[] = {made.der};
    for (const Version version : versions_of(backend)) {
        CAPTURE(version);
        Settings client = client_settings().versions(version), server = asking_server();
        client.config.credential = {chain, key};
        server.config.trust_anchors = chain;
        CHECK(connect(backend, client, backend, server).server_established);
    }
}

EACH_BACKEND("a made certificate has the requested fields, and no others") {
    TestEnvironment device;
    device.time = y2027;
    const Key key = new_key(backend);
    const Names names{"Device.local", "192.168.4.1", "2001:db8::1", "*.example.org"};
    const Made made = certificate(backend, {key, names.bytes, 365}, device.environment);
    REQUIRE(made.error == Err::none);
    x509::Certificate read{};
    REQUIRE(x509::parse(made.der, read));
    // All of it is DER, to the last byte.
    CHECK(der::is_well_formed(made.der));
    const x509::Serial serial = x509::serial_of(made.der);
    CHECK(serial.version == 3);
    CHECK(serial.number.size() == 16);
    CHECK((serial.number[0] & 0xc0) == 0x40); // positive, and minimal
    CHECK(read.signature == x509::SignatureKind::ecdsa);
    CHECK(read.hash == x509::HashKind::sha256);
    CHECK(read.key == x509::KeyKind::ec_p256);
    CHECK(equal(read.subject, read.issuer));
    const Blob subject{0x30, 23,  0x31, 21,  0x30, 19,  6,   3,   0x55, 4,   3,   0x0c, 12,
                       'D',  'e', 'v',  'i', 'c',  'e', '.', 'l', 'o',  'c', 'a', 'l'};
    CHECK(equal(read.subject, subject));
    CHECK(read.not_before == y2027 - 3600);
    CHECK(read.not_after == y2027 - 3600 + 365 * day - 1);
    CHECK(!read.is_ca);
    Bytes rest = read.subject_alt_name;
    for (const auto& [kind, value] :
         {std::pair{x509::AltName::Kind::dns_name,
                    Blob{'D', 'e', 'v', 'i', 'c', 'e', '.', 'l', 'o', 'c', 'a', 'l'}},
          std::pair{x509::AltName::Kind::ip_address, Blob{192, 168, 4, 1}},
          std::pair{x509::AltName::Kind::ip_address,
                    Blob{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
          std::pair{x509::AltName::Kind::dns_name,
                    Blob{'*', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'o', 'r', 'g'}}}) {
        const x509::AltName name = x509::next_alt_name(rest);
        CHECK(name.kind == kind);
        CHECK(equal(name.value, value));
    }
    CHECK(x509::next_alt_name(rest).kind == x509::AltName::Kind::none);
    // Each time another serial number and another signature.
    const Made again = certificate(backend, {key, names.bytes, 365}, device.environment);
    CHECK(!equal(x509::serial_of(again.der).number, serial.number));
}

EACH_BACKEND("the form of a time depends on its year") {
    const Key key = new_key(backend);
    struct {
        const char* what;
        UnixTime not_before;
        std::uint32_t days;
        Err error;
        std::string_view first, last;
    } const rows[] = {
        {"this century", y2027, 1, Err::none, "270101000000Z", "270101235959Z"},
        {"a leap day", 1835308800, 2, Err::none, "280228000000Z", "280229235959Z"},
        {"the last of UTCTime", y2027, 8401, Err::none, "270101000000Z", "491231235959Z"},
        {"into 2050", y2027, 8402, Err::none, "270101000000Z", "20500101235959Z"},
        {"both beyond 2050", 2524608000, 1, Err::none, "20500101000000Z", "20500101235959Z"},
        {"the beginning", 1, 1, Err::none, "700101000001Z", "700102000000Z"},
        {"the end of 9999", y2027, 2912078, Err::none, "270101000000Z", "99991231235959Z"},
        {"a day more", y2027, 2912079, Err::invalid_argument, {}, {}},
        {"no day", y2027, 0, Err::invalid_argument, {}, {}},
        {"all days",
         y2027,
         std::numeric_limits<std::uint32_t>::max(),
         Err::invalid_argument,
         {},
         {}},
        {"before 1970", -1, 10, Err::invalid_argument, {}, {}},
        {"after all times", 253402300800, 1, Err::invalid_argument, {}, {}},
        {"nonsense", std::numeric_limits<UnixTime>::max(), 1, Err::invalid_argument, {}, {}},
        {"nonsense below", std::numeric_limits<UnixTime>::min(), 1, Err::invalid_argument, {}, {}},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        const Made made = certificate(backend, {key, localhost.bytes, row.days, row.not_before});
        CHECK(made.error == row.error);
        if (row.error != Err::none) continue;
        CHECK(equal(validity_in(made.der), times(row.first, row.last)));
        x509::Certificate read{};
        CHECK(x509::parse(made.der, read));
    }
}

EACH_BACKEND("invalid names are refused, and so is an empty list of names") {
    const Key key = new_key(backend);
    const std::string label(63, 'a'), long_name = label + "." + label + "." + label + "." + label;
    struct {
        const char* what;
        std::string name;
        bool good, good_first;
    } const rows[] = {
        {"a host", "device", true, true},
        {"a domain", "a.b-c.example.org", true, true},
        {"an underscore", "my_device.local", true, true},
        {"a wildcard", "*.example.org", true, true},
        {"IPv4", "10.0.0.1", true, true},
        {"IPv6", "::", true, true},
        {"64 characters", label + "a", false, false},
        {"64 characters in labels", std::string(31, 'a') + "." + std::string(32, 'b'), true, true},
        {"65 characters in labels", std::string(32, 'a') + "." + std::string(32, 'b'), true, false},
        {"255 characters", long_name, false, false},
        {"253 characters", long_name.substr(2), true, false},
        {"nothing", "", false, false},
        {"a dot", ".", false, false},
        {"a dot behind", "device.local.", false, false},
        {"two dots", "a..b", false, false},
        {"a space", "my device", false, false},
        {"a NUL", std::string("device\0.evil.test", 17), false, false},
        {"UTF-8", "ger\xc3\xa4t.local", false, false},
        {"an address that is none", "192.168.4.256", false, false},
        {"a zone", "fe80::1%eth0", false, false},
        {"a star alone", "*", false, false},
        {"a star within", "a.*.example.org", false, false},
        {"a star before an address", "*.10.0.0.1", false, false},
        {"a URI", "https://device.local", false, false},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        CHECK(is_certificate_name(as_bytes(row.name)) == row.good);
        for (const bool first : {true, false}) {
            const Names names = first ? Names{row.name} : Names{"localhost", row.name};
            const Err error =
                (first ? row.good_first : row.good) ? Err::none : Err::invalid_argument;
            CHECK(certificate(backend, {key, names.bytes, 1}).error == error);
            CHECK(request(backend, {key, names.bytes}).error == error);
        }
    }
    CHECK(certificate(backend, {key, {}, 1}).error == Err::invalid_argument);
    CHECK(request(backend, {key, {}}).error == Err::invalid_argument);
}

EACH_BACKEND("room_for_certificate() suffices for many names, and one byte less does not") {
    const Key key = new_key(backend);
    std::vector<std::string> texts;
    for (int i = 0; i < 300; ++i)
        texts.push_back(i % 2 != 0 ? "::" : std::string(static_cast<std::size_t>(1 + i % 60), 'n'));
    std::vector<Bytes> names;
    for (const std::string& text : texts)
        names.push_back(as_bytes(text));
    const Made made = certificate(backend, {key, names, 1});
    REQUIRE(made.error == Err::none);
    x509::Certificate read{};
    REQUIRE(x509::parse(made.der, read));
    std::size_t count = 0;
    for (Bytes rest = read.subject_alt_name;
         x509::next_alt_name(rest).kind != x509::AltName::Kind::none;)
        ++count;
    CHECK(count == texts.size());
    Blob room(room_for_certificate(names) - 1);
    Bytes none;
    const NewCertificate contents{key, names, 1};
    CHECK(make_certificate(backend.p256(), posix_environment(), contents, room, none) ==
          Err::no_memory);
    CHECK(make_certificate_request(backend.p256(), posix_environment(), contents, room, none) ==
          Err::no_memory);
    CHECK(none.empty());
}

EACH_BACKEND("keys in every form sign, others are refused as in a context") {
    for (const OwnKey& row : own_keys()) {
        const Bytes der = row.credential.private_key;
        x509::PrivateKey key;
        Err expected = x509::parse_private_key(der, key);
        const bool says_public_key =
            key.public_key.data() != nullptr || key.public_key_too.data() != nullptr;
        const bool is_of_another =
            row.name == "p256-of-another" || row.name.find("-for-") != row.name.npos;
        if (expected == Err::none && key.kind != x509::KeyKind::ec_p256)
            expected = Err::unsupported;
        else if (expected == Err::none && !is_of_another) // than the row's certificate has
            expected = row.opened;
        // The number belongs to no certificate, except by the key's own public part.
        if (expected == Err::key_mismatch && row.read == Err::none && !says_public_key)
            expected = Err::none;
        CAPTURE(row.name);
        CHECK(certificate(backend, {der, localhost.bytes, 1}).error == expected);
        CHECK(request(backend, {der, localhost.bytes}).error == expected);
    }
}

EACH_BACKEND("a request contains the names, and is signed with its key") {
    const Key key = new_key(backend);
    const Names names{"device.local", "192.168.4.1"};
    TestEnvironment device; // needs no clock
    device.clock_set = false;
    const Made made = request(backend, {key, names.bytes}, device.environment);
    REQUIRE(made.error == Err::none);
    der::Row outer(made.der);
    REQUIRE(outer.take(der::sequence));
    CHECK(outer.at_end());
    der::Row parts(outer.value);
    REQUIRE(parts.take(der::sequence));
    der::Row info(parts.value);
    REQUIRE(info.take(der::integer));
    CHECK(equal(info.value, Blob{0}));
    REQUIRE(info.take(der::sequence)); // the subject
    REQUIRE(info.take(der::sequence)); // its key
    REQUIRE(info.take(der::context_constructed(0)));
    CHECK(info.at_end());
    // extensionRequest (RFC 2985, 5.4.2) with a subjectAltName.
    const Blob attribute{0x30, 46,   6,    9,    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1,    9,
                         14,   0x31, 33,   0x30, 31,   0x30, 29,   6,    3,    0x55, 0x1d, 0x11,
                         4,    22,   0x30, 20,   0x82, 12,   'd',  'e',  'v',  'i',  'c',  'e',
                         '.',  'l',  'o',  'c',  'a',  'l',  0x87, 4,    192,  168,  4,    1};
    CHECK(equal(info.value, attribute));
    CHECK(der::is_well_formed(made.der));
}

EACH_BACKEND("without randomness, a clock or memory nothing is made") {
    const Key key = new_key(backend);
    TestEnvironment device;
    device.clock_set = false;
    CHECK(certificate(backend, {key, localhost.bytes, 1}, device.environment).error ==
          Err::clock_not_set);
    CHECK(certificate(backend, {key, localhost.bytes, 1, y2027}, device.environment).error ==
          Err::none);
    device.clock_set = true;
    device.time = earliest_time - 1;
    CHECK(certificate(backend, {key, localhost.bytes, 1}, device.environment).error ==
          Err::clock_not_set);
    device.time = 0;
    std::uint8_t made[made_key_size];
    device.random_left = 31;
    CHECK(make_key(backend.p256(), device.environment, made) == Err::no_randomness);
    CHECK(std::all_of(std::begin(made), std::end(made), [](std::uint8_t b) { return b == 0; }));
    device.random_left = 0;
    CHECK(certificate(backend, {key, localhost.bytes, 1}, device.environment).error ==
          Err::no_randomness);
    // A generator with constant output is refused.
    for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{0xff}}) {
        static std::uint8_t stuck;
        stuck = byte;
        Environment broken = posix_environment();
        broken.random = [](void*, MutableBytes out) {
            std::fill(out.begin(), out.end(), stuck);
            return true;
        };
        CHECK(make_key(backend.p256(), broken, made) == Err::no_randomness);
    }
}

EACH_BACKEND("every allocation fails once: nothing is made, lost, or left unwiped") {
    const Key key = new_key(backend);
    const NewCertificate contents{key, localhost.bytes, 1};
    REQUIRE(certificate(backend, contents).error == Err::none);
    const std::size_t before = heap::live_blocks();
    heap::watch_for(Bytes(key).subspan(7, 32));
    for (const bool only_one : {true, false})
        for (int what = 0; what < 3; ++what)
            for (std::size_t n = 1;; ++n) {
                CAPTURE(what);
                CAPTURE(n);
                REQUIRE(n < 100'000);
                std::uint8_t made[made_key_size];
                Blob room(room_for_certificate(contents.names));
                Bytes der;
                only_one ? heap::fail_at(n) : heap::fail_from(n);
                const Err error =
                    what == 0 ? make_key(backend.p256(), posix_environment(), made)
                    : what == 1
                        ? make_certificate(backend.p256(), posix_environment(), contents, room, der)
                        : make_certificate_request(backend.p256(), posix_environment(), contents,
                                                   room, der);
                const std::size_t asked = heap::allocations();
                heap::fail_never();
                CHECK(heap::live_blocks() == before);
                if (asked < n) {
                    CHECK(error == Err::none);
                    break;
                }
                CHECK((error == Err::none || error == Err::no_memory));
                if (error != Err::none) CHECK(der.empty());
            }
    CHECK(heap::end_watch() == 0);
}

#endif
