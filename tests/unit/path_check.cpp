// The rules for a peer's path, without any library.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/environment.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/path.hpp"

#include <span>
#include <string>
#include <vector>

using namespace ussl;
using test::anchors;
using test::credential;
using x509::Expectations;
using x509::PathCheck;

namespace {

Expectations expectations() {
    Expectations expected;
    posix_environment().now(nullptr, &expected.now);
    expected.identity.dns_name = "localhost";
    expected.trust_anchors = anchors({"ca", "rsa-ca"});
    return expected;
}

// `trusted`: whether the signatures are valid; these tests do not check any.
Err verdict(const Expectations& expected, const std::string& name, bool trusted = true) {
    using x509::Certificate;
    return x509::verify_path(
        expected, credential(name).chain,
        {&trusted, [](void* user, const Bytes&, const Certificate&, const Certificate&) {
             return *static_cast<bool*>(user);
         }});
}

} // namespace

// RFC 5246, 7.4.4: the types that a server tells its clients it accepts.
TEST_CASE("an anchor is named if its key can be used") {
    Capabilities all{}, few{};
    all.rsa = all.ecdsa_p256 = all.ecdsa_p384 = true;
    few.ecdsa_p256 = true;
    const struct {
        const char* what;
        Bytes der;
        bool by_all, by_few;
    } rows[] = {
        {"P-256", credential("p256").chain[0], true, true},
        {"P-384", credential("p384").chain[0], features::p384, false},
        {"P-521", credential("p521").chain[0], false, false},
        {"RSA", credential("rsa").chain[0], features::rsa, false},
        {"nothing", {}, false, false},
        {"no certificate", as_bytes("\x30\x01\x05"), false, false},
        {"cut", credential("p256").chain[0].first(100), false, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const Bytes subject = x509::subject_of(row.der);
        CHECK(equal(x509::AnchorNames(all).next(row.der), row.by_all ? subject : Bytes{}));
        CHECK(equal(x509::AnchorNames(few).next(row.der), row.by_few ? subject : Bytes{}));
        CHECK((!row.by_few || !subject.empty()));
    }
}

TEST_CASE("anchors are named as far as a request has room") {
    Capabilities can{};
    can.ecdsa_p256 = true;
    x509::AnchorNames names(can);
    const Bytes der = credential("p256").chain[0];
    const std::size_t size = 2 + x509::subject_of(der).size();
    std::size_t total = 0;
    while (!names.next(der).empty())
        total += size;
    CHECK(total > 0xff00 - size);
    CHECK(total <= 0xff00);
}

TEST_CASE("each leaf gets its verdict") {
    const struct {
        const char* leaf;
        Err verdict;
    } rows[] = {
        {"p256", Err::none},
        {"p384", Err::none},
        {"rsa", Err::none},
        {"rsa-chain", Err::none},
        {"rsa-pss", Err::none},
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
        {"critical-unknown", Err::bad_peer_certificate},
        {"inter-not-ca", Err::untrusted},
        {"inter-no-sign", Err::untrusted},
        {"path-length", Err::untrusted},
        {"constrained", Err::untrusted},
    };
    const Expectations expected = expectations();
    for (const auto& row : rows) {
        INFO(std::string(row.leaf));
        CHECK(verdict(expected, row.leaf) == row.verdict);
    }
}

TEST_CASE("a path that the library could not build is untrusted, after earlier rules") {
    const Expectations expected = expectations();
    CHECK(verdict(expected, "p256", false) == Err::untrusted);
    CHECK(verdict(expected, "expired", false) == Err::untrusted);
    CHECK(verdict(expected, "rsa1024", false) == Err::weak_key);
    CHECK(verdict(expected, "critical-unknown", false) == Err::bad_peer_certificate);
    CHECK(PathCheck(expected).verdict(true) == Err::no_peer_certificate);
    CHECK(PathCheck(expected).verdict(false) == Err::no_peer_certificate);
}

TEST_CASE("each rule can be switched off alone") {
    const struct {
        const char* leaf;
        bool Policy::*rule;
    } rows[] = {
        {"expired", &Policy::check_time},
        {"future", &Policy::check_time},
        {"expired-inter", &Policy::check_time},
        {"wronghost", &Policy::check_identity},
        {"cn-only", &Policy::check_identity},
        {"clientonly", &Policy::check_purpose},
        {"agree-only", &Policy::check_purpose},
        {"rsa1024", &Policy::check_key_strength},
        {"sha1-rsa", &Policy::check_signature_strength},
        {"sha1-ecdsa", &Policy::check_signature_strength},
        {"inter-not-ca", &Policy::check_constraints},
        {"inter-no-sign", &Policy::check_constraints},
        {"path-length", &Policy::check_constraints},
        {"constrained", &Policy::check_constraints},
        {"critical-unknown", &Policy::check_critical_extensions},
    };
    for (const auto& row : rows) {
        for (bool Policy::*rule :
             {&Policy::check_identity, &Policy::check_time, &Policy::check_purpose,
              &Policy::check_key_strength, &Policy::check_signature_strength,
              &Policy::check_constraints, &Policy::check_critical_extensions}) {
            Expectations expected = expectations();
            expected.policy.*rule = false;
            INFO(std::string(row.leaf));
            CHECK((verdict(expected, row.leaf) == Err::none) == (rule == row.rule));
        }
    }
}

namespace {

// Each sent certificate has issued all others whose names allow it.
struct Counter {
    bool anchors_sign;
    Bytes anchor_key;
    unsigned checks = 0; // of signatures

    static bool check(void* user, const Bytes&, const x509::Certificate&,
                      const x509::Certificate& issuer) {
        auto& self = *static_cast<Counter*>(user);
        ++self.checks;
        return self.anchors_sign || issuer.subject_public_key.data() != self.anchor_key.data();
    }
};

} // namespace

TEST_CASE("a search through too many paths ends, and checks no signature twice") {
    // Issuers with the same name, each of which has issued all others: there are n! paths. The
    // anchors have this name as well, and are other certificates.
    const test::Blob& ca = test::file("ca.der");
    test::Blob anchor = ca;
    anchor.back() ^= 1;
    const std::vector<Bytes> same(4, anchor);
    const struct {
        const char* what;
        std::size_t issuers;
        std::span<const Bytes> anchors;
        bool anchors_sign;
        UnixTime later;
        Err verdict;
        unsigned checks; // at most for 11 issuers
    } rows[] = {
        {"no path", 4, anchors({"rsa-ca"}), false, 0, Err::untrusted, 4 + 4 * 3},
        {"anchors that have not signed", 4, same, false, 0, Err::untrusted, 4 + 4 * 3 + 5 * 4},
        {"a good path", 4, same, true, 0, Err::none, 1},
        {"bad paths", 4, same, true, 1000000000, Err::expired, 4 + 4 * 3 + 5 * 4},
        {"no path among 11!", 11, anchors({"rsa-ca"}), false, 0, Err::untrusted, 11 + 11 * 10},
        {"11! bad paths", 11, same, true, 1000000000, Err::expired, 11 + 11 * 10 + 12 * 4},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        std::vector<Bytes> sent(1 + row.issuers, ca);
        sent[0] = test::file("direct.crt.der");
        Expectations expected = expectations();
        expected.trust_anchors = row.anchors;
        expected.now += row.later;
        Counter counter{row.anchors_sign, x509::subject_public_key_of(anchor)};
        CHECK(x509::verify_path(expected, sent, {&counter, Counter::check}) == row.verdict);
        CHECK(counter.checks <= row.checks);
        if (row.issuers == 4) CHECK(counter.checks == row.checks);
    }
}

TEST_CASE("validity includes its first and its last second") {
    x509::Certificate leaf;
    REQUIRE(x509::parse(test::file("p256.crt.der"), leaf));
    const struct {
        UnixTime now;
        Err verdict;
    } rows[] = {
        {leaf.not_before - 1, Err::not_yet_valid},
        {leaf.not_before, Err::none},
        {leaf.not_after, Err::none},
        {leaf.not_after + 1, Err::expired},
    };
    for (const auto& row : rows) {
        Expectations expected = expectations();
        expected.now = row.now;
        CHECK(verdict(expected, "p256") == row.verdict);
    }
}

TEST_CASE("an anchor's own validity counts, sent or not") {
    Expectations expected = expectations();
    expected.trust_anchors = anchors({"ca-expired"});
    CHECK(verdict(expected, "expired-ca") == Err::expired);
    PathCheck check(expected);
    check.add(test::file("expired-ca.crt.der"));
    check.add(test::file("ca-expired.der"), true);
    CHECK(check.verdict(true) == Err::expired);
    expected.policy.check_time = false;
    CHECK(verdict(expected, "expired-ca") == Err::none);
}

TEST_CASE("a path that ends before an anchor is untrusted, whatever the library reports") {
    const Expectations expected = expectations();
    PathCheck check(expected);
    for (const Bytes& der : credential("p256").chain)
        check.add(der);
    CHECK(check.verdict(true) == Err::untrusted);
}

TEST_CASE("nothing above an anchor counts") {
    // Here the intermediate itself is the anchor; certificates above it are not looked at.
    Expectations expected = expectations();
    expected.trust_anchors = anchors({"inter"});
    PathCheck check(expected);
    check.add(test::file("p256.crt.der"));
    check.add(test::file("inter.der"), true);
    check.add(test::file("critical-unknown.crt.der"));
    CHECK(check.verdict(true) == Err::none);
}

TEST_CASE("a client is verified as a client") {
    Expectations expected = expectations();
    expected.peer_role = Role::client;
    expected.identity = {};
    CHECK(verdict(expected, "client") == Err::none);
    CHECK(verdict(expected, "client-rsa") == Err::none);
    CHECK(verdict(expected, "noeku") == Err::none);
    CHECK(verdict(expected, "p256") == Err::wrong_purpose);
    CHECK(verdict(expected, "client-expired") == Err::expired);
}

TEST_CASE("an address is compared with addresses only") {
    Expectations expected = expectations();
    const std::uint8_t loopback[] = {127, 0, 0, 1}, other[] = {127, 0, 0, 2};
    expected.identity = {};
    expected.identity.ip_address = loopback;
    CHECK(verdict(expected, "ip") == Err::none);
    CHECK(verdict(expected, "p256") == Err::wrong_host);
    expected.identity.ip_address = other;
    CHECK(verdict(expected, "ip") == Err::wrong_host);
}
