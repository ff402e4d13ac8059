// The DER parser: what it accepts and what it refuses.
#include "support/doctest.hpp"

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/der.hpp"

#include <string>
#include <vector>

using namespace ussl;
using Blob = std::vector<std::uint8_t>;

namespace {

// An element with a header of these bytes and contents of this length.
Blob element(Blob header, std::size_t length) {
    header.resize(header.size() + length, 0x55);
    return header;
}

} // namespace

TEST_CASE("next() takes single-byte tags with definite, minimal lengths") {
    const struct {
        Blob der;
        std::size_t length;
    } rows[] = {
        {{0x05, 0x00}, 0},
        {element({0x04, 0x01}, 1), 1},
        {element({0x04, 0x7f}, 127), 127},
        {element({0x04, 0x81, 0x80}, 128), 128},
        {element({0x04, 0x81, 0xff}, 255), 255},
        {element({0x04, 0x82, 0x01, 0x00}, 256), 256},
        {element({0x04, 0x83, 0x01, 0x00, 0x00}, 65536), 65536},
        {element({0xa3, 0x02}, 2), 2},
    };
    for (const auto& row : rows) {
        INFO("length ", row.length);
        der::Parser reader(row.der);
        CHECK(reader.peek() == row.der[0]);
        const der::Element got = reader.next();
        CHECK(got.tag == row.der[0]);
        CHECK(got.value.size() == row.length);
        CHECK(equal(got.whole, row.der));
        CHECK(reader.at_end());
        CHECK_FALSE(reader.bad());
    }
}

TEST_CASE("next() refuses bytes that are not DER, and finds nothing after them") {
    const struct {
        const char* what;
        Blob der;
    } rows[] = {
        {"nothing", {}},
        {"a tag alone", {0x30}},
        {"contents cut", {0x30, 0x02, 0x00}},
        {"indefinite length", {0x30, 0x80, 0x00, 0x00}},
        {"length cut", {0x30, 0x82, 0x01}},
        {"long form for a short length", element({0x04, 0x81, 0x7f}, 127)},
        {"leading zero in the length", element({0x04, 0x82, 0x00, 0x80}, 128)},
        {"length of four bytes", element({0x04, 0x84, 0x00, 0x00, 0x00, 0x01}, 1)},
        {"length that would overflow",
         {0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
        {"length 2^24 - 1 without contents", {0x04, 0x83, 0xff, 0xff, 0xff}},
        {"tag of several bytes", {0x1f, 0x81, 0x00, 0x00}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        der::Parser reader(row.der);
        CHECK(reader.next().whole.empty());
        CHECK(reader.bad());
        CHECK(reader.at_end());
        CHECK(reader.next().tag == 0);
    }
}

TEST_CASE("expect() and optional() go by the tag") {
    const Blob der{0x02, 0x01, 0x07, 0x04, 0x00};
    der::Parser reader(der);
    CHECK(reader.optional(der::octet_string).empty());
    CHECK_FALSE(reader.bad());
    CHECK(reader.expect(der::integer).size() == 1);
    CHECK_FALSE(reader.at_end());
    SUBCASE("another tag is bad") {
        reader.expect(der::integer);
        CHECK(reader.bad());
    }
    SUBCASE("something left is bad") {
        reader.finish();
        CHECK(reader.bad());
    }
    SUBCASE("nothing left is good") {
        reader.expect(der::octet_string);
        reader.finish();
        CHECK_FALSE(reader.bad());
    }
}

TEST_CASE("is_der_sequence() accepts one whole SEQUENCE and nothing else") {
    CHECK(x509::is_der_sequence(Blob{0x30, 0x00}));
    CHECK_FALSE(x509::is_der_sequence({}));
    CHECK_FALSE(x509::is_der_sequence(Blob{0x30, 0x00, 0x00}));
    CHECK_FALSE(x509::is_der_sequence(Blob{0x31, 0x00}));
    CHECK_FALSE(x509::is_der_sequence(Blob{0x30, 0x01}));
    CHECK_FALSE(x509::is_der_sequence(as_bytes("-----BEGIN CERTIFICATE-----")));
}
