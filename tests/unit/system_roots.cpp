// The host's file of roots: unreadable parts hide no root.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/system_roots.hpp"
#include "ussl/x509/der.hpp"
#include "ussl/x509/trust_anchor.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

using namespace ussl;
using test::Blob;
using x509::TrustAnchor;

namespace {

std::string block(const char* label, const Bytes& der) {
    static constexpr char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text = std::string("-----BEGIN ") + label + "-----\n";
    for (std::size_t i = 0; i < der.size(); i += 3) {
        const auto at = [&](std::size_t place) {
            return place < der.size() ? unsigned{der[place]} : 0u;
        };
        const unsigned three = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
        for (unsigned k = 0; k < 4; ++k)
            text += i + k > der.size() ? '=' : digits[three >> (18 - 6 * k) & 63];
        if (i % 48 == 45) text += '\n';
    }
    return text + "\n-----END " + label + "-----\n";
}

// A certificate with the same name and an unknown version.
Blob unreadable(const Bytes& der) {
    static constexpr std::uint8_t version[] = {0xa0, 3, 2, 1, 2};
    Blob changed(der.begin(), der.end());
    const auto found =
        std::search(changed.begin(), changed.end(), std::begin(version), std::end(version));
    REQUIRE(found != changed.end());
    found[4] = 9;
    TrustAnchor anchor;
    REQUIRE(equal(x509::subject_of(changed), x509::subject_of(der)));
    REQUIRE_FALSE(x509::read_anchor(changed, anchor));
    return changed;
}

// Larger than any root.
Blob enlarged(const Bytes& der) {
    Blob changed(der.begin(), der.end());
    changed.resize(9000);
    return changed;
}

// The environment names the file before the first call, which is the only one that reads it.
struct RootsFile {
    char path[32] = "/tmp/ussl-roots-XXXXXX";

    explicit RootsFile(const std::string& text) {
        const int file = mkstemp(path);
        REQUIRE(file >= 0);
        const bool written =
            write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        close(file);
        REQUIRE(written);
        setenv("SSL_CERT_FILE", path, 1);
    }
    ~RootsFile() {
        unsetenv("SSL_CERT_FILE");
        unlink(path);
    }
    RootsFile(const RootsFile&) = delete;
    RootsFile& operator=(const RootsFile&) = delete;
};

} // namespace

TEST_CASE("unreadable parts of the host's file of roots hide no root") {
    // The first and the last have one name.
    const Blob& all = test::file("roots.der");
    std::vector<Bytes> roots;
    for (der::Parser reader{Bytes(all)}; !reader.at_end();)
        roots.push_back(reader.next().whole);
    const Bytes first = roots.front(), second = roots.back(), other = roots[2];
    REQUIRE(equal(x509::subject_of(first), x509::subject_of(second)));
    REQUIRE_FALSE(equal(first, second));

    std::string damaged = block("CERTIFICATE", first);
    damaged[40] = '*';
    const std::string bad = damaged + block("CERTIFICATE", unreadable(first)) +
                            block("CERTIFICATE", enlarged(first)) +
                            block("CERTIFICATE REQUEST", first);
    const RootsFile file(bad + block("CERTIFICATE", first) + bad + block("CERTIFICATE", second) +
                         bad + block("CERTIFICATE", other) +
                         block("CERTIFICATE", unreadable(roots[1])) +
                         "-----BEGIN CERTIFICATE-----\nMIIB");
    const AnchorSource* const source = system_roots();
    REQUIRE(source != nullptr);

    const struct {
        Bytes name;
        unsigned number;
        Bytes found; // empty: none
    } rows[] = {
        {x509::subject_of(first), 0, first}, {x509::subject_of(first), 1, second},
        {x509::subject_of(first), 2, {}},    {x509::subject_of(other), 0, other},
        {x509::subject_of(other), 1, {}},    {x509::subject_of(roots[1]), 0, {}},
    };
    for (const auto& row : rows) {
        CAPTURE(&row - rows);
        TrustAnchor anchor;
        CHECK(source->find(source->user, row.name, row.number, anchor) == !row.found.empty());
        if (!row.found.empty()) CHECK(equal(anchor.der, row.found));
    }
}
