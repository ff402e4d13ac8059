// Root bundles: core/ reads from a bundle of tools/lib/root_bundle.py exactly what it reads from
// the certificates themselves, and refuses damaged ones.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/environment.hpp"
#include "ussl/root_bundle.hpp"
#include "ussl/x509/der.hpp"
#include "ussl/x509/path.hpp"
#include "ussl/x509/trust_anchor.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace ussl;
using test::Blob;
using x509::Certificate;
using x509::TrustAnchor;

namespace {

struct Opened : RootBundle {
    explicit Opened(const Bytes& bundle) { REQUIRE(open(bundle) == Err::none); }
};

bool find(const RootBundle& bundle, const Bytes& name, unsigned number, TrustAnchor& anchor) {
    const AnchorSource& source = bundle.source();
    anchor.certificate = {};
    return source.find(source.user, name, number, anchor);
}

std::vector<Bytes> certificates_of(const Blob& der) {
    std::vector<Bytes> all;
    for (der::Parser reader{Bytes(der)}; !reader.at_end();)
        all.push_back(reader.next().whole);
    return all;
}

bool is_same(const Certificate& a, const Certificate& b) {
    return equal(a.subject, b.subject) && equal(a.subject_public_key, b.subject_public_key) &&
           equal(a.subject_alt_name, b.subject_alt_name) &&
           equal(a.name_constraints, b.name_constraints) && a.not_before == b.not_before &&
           a.not_after == b.not_after && a.path_length == b.path_length &&
           a.key_bits == b.key_bits && a.key_usage == b.key_usage &&
           a.extended_key_usage == b.extended_key_usage && a.key == b.key && a.is_ca == b.is_ca &&
           a.has_unknown_critical == b.has_unknown_critical;
}

// With the checksum of the changed contents.
void seal(Blob& bundle) {
    const Bytes bytes(bundle);
    const std::uint32_t sum = crc32(bytes.subspan(20), crc32(bytes.first(16)));
    for (unsigned i = 0; i < 4; ++i)
        bundle[16 + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
}

} // namespace

TEST_CASE("each root is found, and equals its certificate") {
    for (const char* name : {"roots", "debian"}) {
        const std::vector<Bytes> certificates =
            certificates_of(test::file(name + std::string(".der")));
        const Opened roots(test::file(name + std::string(".bin")));
        CHECK(roots.roots() == certificates.size());
        for (const Bytes& der : certificates) {
            Certificate certificate;
            REQUIRE(x509::parse(der, certificate));
            TrustAnchor anchor;
            unsigned number = 0;
            while (find(roots, certificate.subject, number, anchor) &&
                   anchor.checksum != crc32(der))
                ++number;
            CHECK(anchor.checksum == crc32(der));
            CHECK(anchor.der.empty());
            CHECK(is_same(anchor.certificate, certificate));
        }
    }
}

TEST_CASE("roots with one name have numbers, in the order in which they were given") {
    const Opened roots(test::file("roots.bin"));
    const std::vector<Bytes> certificates = certificates_of(test::file("roots.der"));
    Certificate first, second;
    REQUIRE(x509::parse(certificates.front(), first));
    REQUIRE(x509::parse(certificates.back(), second));
    REQUIRE(equal(first.subject, second.subject));
    TrustAnchor anchor;
    CHECK(find(roots, first.subject, 0, anchor));
    CHECK(is_same(anchor.certificate, first));
    CHECK(find(roots, first.subject, 1, anchor));
    CHECK(is_same(anchor.certificate, second));
    for (const unsigned number : {2u, 3u, 1000u, ~0u})
        CHECK_FALSE(find(roots, first.subject, number, anchor));
}

TEST_CASE("a name that is almost a root's is not found") {
    const Opened roots(test::file("roots.bin"));
    TrustAnchor anchor;
    Certificate certificate;
    REQUIRE(x509::parse(test::file("ca.der"), certificate));
    const Bytes name = certificate.subject;
    for (std::size_t size = 0; size < name.size(); ++size)
        CHECK_FALSE(find(roots, name.first(size), 0, anchor));
    Blob other(name.begin(), name.end());
    for (std::uint8_t& byte : other) {
        for (const std::uint8_t change : {std::uint8_t{1}, std::uint8_t{0x80}}) {
            byte ^= change;
            CHECK_FALSE(find(roots, other, 0, anchor));
            byte ^= change;
        }
    }
    other.push_back(0);
    CHECK_FALSE(find(roots, other, 0, anchor));
}

TEST_CASE("a bundle that is truncated, longer or changed by a bit is refused") {
    const Blob& whole = test::file("roots.bin");
    RootBundle roots;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Blob cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(roots.open(cut) == Err::bad_roots);
    }
    Blob changed = whole;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        CHECK(roots.open(changed) == Err::bad_roots);
        changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
    changed.push_back(0);
    CHECK(roots.open(changed) == Err::bad_roots);
    CHECK(roots.roots() == 0);
    TrustAnchor anchor;
    CHECK_FALSE(find(roots, x509::subject_of(test::file("ca.der")), 0, anchor));
}

TEST_CASE("nothing beyond a bundle's end is read, whatever it contains under a valid checksum") {
    const Blob& whole = test::file("roots.bin");
    const std::vector<Bytes> certificates = certificates_of(test::file("roots.der"));
    std::size_t opened = 0, refused = 0;
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const std::uint8_t value : Blob{0, 1, 0x7f, 0x80, 0xff}) {
            Blob changed = whole;
            changed[at] = value;
            seal(changed);
            RootBundle roots;
            if (roots.open(changed) != Err::none) {
                ++refused;
                continue;
            }
            ++opened;
            for (const Bytes& der : certificates) {
                TrustAnchor anchor;
                unsigned number = 0;
                while (find(roots, x509::subject_of(der), number, anchor))
                    ++number;
                CHECK(number <= roots.roots());
            }
        }
    }
    CHECK(opened != 0);
    CHECK(refused != 0);
}

TEST_CASE("a bundle's date, number of roots and version") {
    const Blob& bundle = test::file("roots.bin");
    const Opened roots(bundle);
    CHECK(is_root_bundle(bundle));
    CHECK_FALSE(is_root_bundle(test::file("ca.der")));
    CHECK_FALSE(is_root_bundle(test::file("ca.pem")));
    CHECK_FALSE(is_root_bundle({}));
    CHECK(roots.date() > 1700000000);
    CHECK(RootBundle(bundle).roots() == 14);
    CHECK(RootBundle().date() == 0);
    const Opened others(test::file("debian.bin"));
    CHECK_FALSE(equal(roots.source().version, others.source().version));
}

// --- Paths that end with an anchor from a source ---

namespace {

// A program's own source: whole certificates, found by reading all of them.
struct Shelf {
    std::vector<Bytes> certificates;
    std::size_t asked = 0;
};

bool find_on_shelf(void* user, const Bytes& name, unsigned number, TrustAnchor& anchor) {
    auto& shelf = *static_cast<Shelf*>(user);
    ++shelf.asked;
    for (const Bytes& der : shelf.certificates)
        if (equal(x509::subject_of(der), name) && number-- == 0)
            return x509::read_anchor(der, anchor);
    return false;
}

struct Shown {
    std::vector<unsigned> depths;
    Blob highest;
};

bool note_shown(void* user, Bytes certificate, unsigned depth, Err) {
    auto& shown = *static_cast<Shown*>(user);
    if (shown.depths.empty()) shown.highest.assign(certificate.begin(), certificate.end());
    shown.depths.push_back(depth);
    return true;
}

Err verdict_of(const x509::Expectations& expected, std::span<const Bytes> chain) {
    return x509::verify_path(expected, chain,
                             {nullptr, [](void*, const Bytes&, const Certificate&,
                                          const Certificate&) { return true; }});
}

} // namespace

TEST_CASE("a path ends with an anchor of a list, of a bundle or of a program's own function") {
    const Opened bundle(test::file("roots.bin")), others(test::file("debian.bin"));
    Shelf shelf{{test::file("other-ca.der"), test::file("ca.der")}, 0}, empty;
    const AnchorSource own{&shelf, find_on_shelf, {}}, nothing{&empty, find_on_shelf, {}};
    const std::span<const Bytes> ca = test::anchors({"ca"}), other = test::anchors({"other-ca"});
    const Blob& ca_der = test::file("ca.der");
    const struct {
        const char* what;
        std::span<const Bytes> list;
        const AnchorSource* source;
        Err verdict;
        std::vector<unsigned> depths; // shown to the callback
        bool shows_anchor;
    } rows[] = {
        {"a list", ca, nullptr, Err::none, {1, 0}, true},
        {"a bundle", {}, &bundle.source(), Err::none, {0}, false},
        {"a function", {}, &own, Err::none, {1, 0}, true},
        {"a list, and a bundle without it", ca, &others.source(), Err::none, {1, 0}, true},
        {"a bundle, and a list without it", other, &bundle.source(), Err::none, {0}, false},
        {"a function that has none", {}, &nothing, Err::untrusted, {}, false},
        {"a list and a bundle, both without it",
         other,
         &others.source(),
         Err::untrusted,
         {},
         false},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        x509::Expectations expected;
        posix_environment().now(nullptr, &expected.now);
        expected.identity.dns_name = "localhost";
        expected.trust_anchors = row.list;
        expected.anchor_source = row.source;
        Shown shown;
        expected.verify_callback = {&shown, note_shown};
        CHECK(verdict_of(expected, test::credential("direct").chain) == row.verdict);
        CHECK(shown.depths == row.depths);
        if (row.verdict == Err::none) CHECK((shown.highest == ca_der) == row.shows_anchor);
    }
    CHECK(shelf.asked != 0);
    CHECK(empty.asked != 0);
}

TEST_CASE("a source without anchors does not make a pinned key an anchor") {
    Shelf empty;
    const AnchorSource nothing{&empty, find_on_shelf, {}};
    x509::Expectations expected;
    posix_environment().now(nullptr, &expected.now);
    expected.identity.dns_name = "localhost";
    expected.anchor_source = &nothing;
    expected.pins = test::pins({"p256"});
    // Every key is the pinned one.
    expected.sha256 = [](Bytes, std::uint8_t(&digest)[32]) {
        std::ranges::copy(test::pins({"p256"}).front(), digest);
        return true;
    };
    CHECK(verdict_of(expected, test::credential("p256").chain) == Err::untrusted);
    expected.anchor_source = nullptr;
    CHECK(verdict_of(expected, test::credential("p256").chain) == Err::none);
}
