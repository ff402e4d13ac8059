// The parts of a certificate that people see.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/description.hpp"

#include <string>
#include <vector>

using namespace ussl;
using test::Blob;

namespace {

Bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// "0: 55040a = ussl tests, 1: ..." with a number for each RelativeDistinguishedName.
std::string attributes_of(Bytes name) {
    x509::NameReader reader(name);
    std::string text;
    int relative = -1;
    for (x509::NameAttribute attribute; reader.next(attribute);) {
        relative += attribute.starts_rdn;
        text += (text.empty() ? "" : ", ") + std::to_string(relative) + ": ";
        for (const std::uint8_t byte : attribute.type)
            text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
        text += " = ";
        text.append(attribute.value.begin(), attribute.value.end());
    }
    return text;
}

} // namespace

TEST_CASE("the attributes of a name are read in order, with the numbers of their relative names") {
    x509::Certificate certificate;
    const Blob der = test::file("described.crt.der");
    REQUIRE(x509::parse(der, certificate));
    CHECK(attributes_of(certificate.issuer) == "0: 55040a = ussl tests, 1: 550403 = inter");
    const std::string subject = attributes_of(certificate.subject);
    CHECK(subject.starts_with(
        "0: 550406 = DE, 1: 0992268993f22c640119 = example, 2: 55040b = two in one, 2: 55040a = "));
    CHECK(subject.ends_with("5: 2b06010401868d1f822c = by number"));
}

TEST_CASE("a damaged name gives the attributes before the damage") {
    x509::Certificate certificate;
    const Blob der = test::file("described.crt.der");
    REQUIRE(x509::parse(der, certificate));
    const Blob name(certificate.subject.begin(), certificate.subject.end());
    const std::string whole = attributes_of(name);
    for (std::size_t size = 0; size < name.size(); ++size)
        CHECK(attributes_of(Bytes(name).first(size)).empty()); // the outer length is wrong
    for (std::size_t i = 2; i < name.size(); ++i) {
        Blob damaged = name;
        damaged[i] ^= 0x20;
        const std::string text = attributes_of(damaged);
        CHECK(text.size() <= whole.size() + 8); // a damaged OID or text, but no read outside of it
    }
    for (const std::string_view odd :
         {std::string_view("\x30\x02\x31\x00", 4), std::string_view("\x30\x04\x31\x02\x30\x00", 6),
          std::string_view("\x30\x08\x31\x06\x30\x04\x06\x02\x55\x04", 10)})
        CHECK(attributes_of(bytes_of(odd)).empty());
}

TEST_CASE("version and serial number") {
    const struct {
        std::string_view der;
        unsigned version;
        std::string_view number;
    } rows[] = {
        {std::string_view("\x30\x05\x30\x03\x02\x01\x07", 7), 1, "\x07"},
        {std::string_view("\x30\x0a\x30\x08\xa0\x03\x02\x01\x01\x02\x01\x07", 12), 2, "\x07"},
        {std::string_view("\x30\x0b\x30\x09\xa0\x03\x02\x01\x02\x02\x02\x01\x02", 13), 3,
         "\x01\x02"},
        {std::string_view("\x30\x05\x30\x03\x04\x01\x07", 7), 1, ""},
        {"", 0, ""},
        {std::string_view("\x30\x00", 2), 0, ""},
    };
    for (const auto& row : rows) {
        const x509::Serial serial = x509::serial_of(bytes_of(row.der));
        CHECK(serial.version == row.version);
        CHECK(std::string(serial.number.begin(), serial.number.end()) == row.number);
    }
}

TEST_CASE("points in time on the calendar") {
    const struct {
        UnixTime time;
        int date[6];
    } rows[] = {
        {0, {1970, 1, 1, 0, 0, 0}},
        {-1, {1969, 12, 31, 23, 59, 59}},
        {951782400, {2000, 2, 29, 0, 0, 0}},
        {951868800, {2000, 3, 1, 0, 0, 0}},
        {1795846239, {2026, 11, 28, 6, 10, 39}},
        {4107542399, {2100, 2, 28, 23, 59, 59}},
        {4107542400, {2100, 3, 1, 0, 0, 0}},
        {253402300799, {9999, 12, 31, 23, 59, 59}}, // RFC 5280, 4.1.2.5: no end
        {-62167219200, {0, 1, 1, 0, 0, 0}},
    };
    for (const auto& row : rows) {
        const x509::CalendarTime at = x509::calendar_time(row.time);
        CHECK(at.year == row.date[0]);
        CHECK(at.month == row.date[1]);
        CHECK(at.day == row.date[2]);
        CHECK(at.hour == row.date[3]);
        CHECK(at.minute == row.date[4]);
        CHECK(at.second == row.date[5]);
    }
}
