// The frame that core/ puts around resumption data: they are used only if the verdict would be the
// same.
#include "support/backends.hpp"
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/backend/resumption_frame.hpp"

#include <functional>
#include <string>

using namespace ussl;
using test::anchors;
using test::Blob;
using test::pins;

namespace {

constexpr UnixTime now = 1900000000;
constexpr std::uint32_t day = 24 * 3600, week = 7 * day;

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return test::backends().front().backend().sha256(data, digest);
}

Backend backend() {
    return {"one", [] { return std::string_view{"1.0"}; }, {}, {}, sha256};
}

SessionSetup setup() {
    SessionSetup setup{};
    setup.role = Role::client;
    setup.verify = Verify::required;
    setup.verified.at = now;
    setup.session_lifetime = week;
    setup.expectations.identity.sni = setup.expectations.identity.dns_name = "localhost";
    setup.expectations.trust_anchors = anchors({"ca", "rsa-ca"});
#if USSL_PINS
    setup.expectations.pins = pins({"ca"});
#endif
    return setup;
}

const std::string_view payload = "what the library gave";

Blob framed(const SessionSetup& of = setup()) {
    Blob bytes(ResumptionFrame::size() + payload.size());
    const Backend by = backend();
    std::copy(payload.begin(), payload.end(), bytes.begin() + ResumptionFrame::size());
    REQUIRE(ResumptionFrame(of, by).write(bytes, of.verified));
    return bytes;
}

bool opens(Bytes bytes, const SessionSetup& in = setup(), const Backend& by = backend()) {
    Verified verified;
    const Bytes inner = ResumptionFrame(in, by).open(bytes, verified);
    if (!inner.empty()) CHECK(equal(inner, as_bytes(payload)));
    return !inner.empty();
}

} // namespace

TEST_CASE("a frame opens with the same settings") { CHECK(opens(framed())); }

TEST_CASE("a frame does not open with other settings") {
    using Change = std::function<void(SessionSetup&)>;
    static const std::uint8_t address[] = {127, 0, 0, 1};
    const struct {
        const char* what;
        Change change;
    } rows[] = {
        {"verification", [](auto& s) { s.verify = Verify::optional; }},
        {"no verification", [](auto& s) { s.verify = Verify::none; }},
#if USSL_DTLS
        {"datagrams", [](auto& s) { s.datagram = true; }},
#endif
        {"another SNI", [](auto& s) { s.expectations.identity.sni = "other.example"; }},
        {"no SNI", [](auto& s) { s.expectations.identity.sni = {}; }},
        {"another name", [](auto& s) { s.expectations.identity.dns_name = "other.example"; }},
        {"a name that moved from one field to the other",
         [](auto& s) {
             s.expectations.identity.sni = "localhostlocalhost";
             s.expectations.identity.dns_name = {};
         }},
        {"an address", [](auto& s) { s.expectations.identity.ip_address = address; }},
        {"an anchor less", [](auto& s) { s.expectations.trust_anchors = anchors({"ca"}); }},
        {"an anchor more",
         [](auto& s) {
             s.expectations.trust_anchors = anchors({"ca", "rsa-ca", "p384-ca"});
         }},
        {"another anchor",
         [](auto& s) {
             s.expectations.trust_anchors = anchors({"ca", "p384-ca"});
         }},
#if USSL_PINS
        {"no pins", [](auto& s) { s.expectations.pins = {}; }},
        {"another pin", [](auto& s) { s.expectations.pins = pins({"inter"}); }},
#endif
        {"a certificate of its own", [](auto& s) { s.own_chain = anchors({"p384-ca"}); }},
        {"a key's identity", [](auto& s) { s.psk_identity = as_bytes("sensor 7"); }},
#if USSL_VERIFY_CALLBACK
        {"a callback",
         [](auto& s) {
             s.expectations.verify_callback.accept = [](void*, Bytes, unsigned, Err) {
                 return true;
             };
         }},
#endif
    };
#if USSL_VERIFY_CALLBACK
    {
        // Callbacks that differ only in the version that the program gives them.
        const auto with = [](std::string_view version) {
            SessionSetup changed = setup();
            changed.expectations.verify_callback = {
                nullptr, [](void*, Bytes, unsigned, Err) { return true; }, as_bytes(version)};
            return changed;
        };
        CHECK(opens(framed(with("1")), with("1")));
        CHECK_FALSE(opens(framed(with("1")), with("2")));
    }
#endif
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        SessionSetup changed = setup();
        row.change(changed);
        CHECK_FALSE(opens(framed(), changed));
        CHECK_FALSE(opens(framed(changed)));
        CHECK(opens(framed(changed), changed));
    }
    for (bool Policy::*rule : {&Policy::check_identity, &Policy::check_time, &Policy::check_purpose,
                               &Policy::check_key_strength, &Policy::check_signature_strength,
                               &Policy::check_constraints, &Policy::check_critical_extensions,
                               &Policy::callback_may_accept}) {
        SessionSetup changed = setup();
        changed.expectations.policy.*rule = !(changed.expectations.policy.*rule);
        CHECK_FALSE(opens(framed(), changed));
        CHECK_FALSE(opens(framed(changed)));
    }
}

TEST_CASE("a frame does not open in another backend, or in another version") {
    Backend other = backend();
    other.name = "two";
    CHECK_FALSE(opens(framed(), setup(), other));
    other = backend();
    other.library_version = [] { return std::string_view{"1.1"}; };
    CHECK_FALSE(opens(framed(), setup(), other));
}

TEST_CASE("a frame opens within its lifetime, and while the path is valid") {
    const struct {
        UnixTime valid_until; // after now
        std::uint32_t lifetime;
        UnixTime later;
        bool good;
    } rows[] = {
        {2 * week, week, 0, true},           {2 * week, week, 1, true},
        {2 * week, week, week, true},        {2 * week, week, week + 1, false},
        {2 * week, week, -1, false},         {2 * week, week, -now, false},
        {2 * week, week, now, false},        {2 * week, 60, 60, true},
        {2 * week, 60, 61, false},           {3 * day, week, 3 * day, true},
        {3 * day, week, 3 * day + 1, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.valid_until);
        CAPTURE(row.lifetime);
        CAPTURE(row.later);
        SessionSetup first = setup(), then = setup();
        first.verified.until = now + row.valid_until;
        then.session_lifetime = row.lifetime;
        then.verified.at += row.later;
        CHECK(opens(framed(first), then) == row.good);
    }
}

TEST_CASE("data that is framed again keeps both times") {
    SessionSetup first = setup();
    first.verified.until = now + 30 * day;
    Blob bytes = framed(first);
    for (UnixTime age = day; age <= 8 * day; age += day) {
        SessionSetup later = setup();
        later.verified.at += age;
        const Backend by = backend();
        Verified verified;
        const bool good = !ResumptionFrame(later, by).open(bytes, verified).empty();
        CHECK(good == (age <= week));
        if (!good) break;
        CHECK(verified.at == now);
        CHECK(verified.until == now + 30 * day);
        REQUIRE(ResumptionFrame(later, by).write(bytes, verified));
    }
}

TEST_CASE("a frame made without a clock opens only without a clock") {
    SessionSetup clockless = setup();
    clockless.expectations.policy.check_time = false;
    clockless.verified.at = 0;
    CHECK(opens(framed(clockless), clockless));
    SessionSetup with_time = clockless;
    with_time.verified.at = now;
    CHECK_FALSE(opens(framed(clockless), with_time));
    CHECK_FALSE(opens(framed(with_time), clockless));
}

TEST_CASE("damaged and truncated data is not used") {
    const Blob good = framed();
    for (std::size_t size = 0; size <= ResumptionFrame::size(); ++size)
        CHECK_FALSE(opens(Bytes(good).first(size)));
    CHECK_FALSE(opens(Bytes(good).first(good.size() - 1)));
    // Every bit: of the digest, of the time, of the library's data.
    for (std::size_t at = 0; at < good.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Blob damaged = good;
            damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ 1u << bit);
            CHECK_FALSE(opens(damaged));
        }
}

TEST_CASE("without a digest no frame is made, and none opens") {
    Backend poor = backend();
    poor.sha256 = [](Bytes, std::uint8_t(&)[32]) { return false; };
    Blob bytes(ResumptionFrame::size() + 1);
    const SessionSetup in = setup();
    CHECK_FALSE(ResumptionFrame(in, poor).write(bytes, in.verified));
    CHECK_FALSE(opens(framed(), in, poor));
}
