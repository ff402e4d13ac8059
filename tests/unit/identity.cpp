// Whom a certificate is valid for (RFC 9525), and how names and addresses are written.
#include "support/doctest.hpp"

#include "ussl/x509/identity.hpp"

#include <string>
#include <vector>

using namespace ussl;
using namespace std::literals;

namespace {

// A GeneralName with a context-specific tag; a subjectAltName is a row of them.
std::string general_name(unsigned tag, std::string_view value) {
    return std::string{static_cast<char>(0x80 | tag), static_cast<char>(value.size())} +
           std::string(value);
}
std::string dns(std::string_view name) { return general_name(2, name); }
std::string ip(std::string_view bytes) { return general_name(7, bytes); }

constexpr auto ipv6_loopback = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"sv;

} // namespace

TEST_CASE("DNS names are matched label by label, and only with dNSName") {
    const struct {
        std::string san;
        std::string_view reference;
        bool match;
    } rows[] = {
        {dns("test.example"), "test.example", true},
        {dns("test.example"), "TEST.Example", true},
        {dns("TEST.EXAMPLE"), "test.example", true},
        {dns("test.example"), "test.example.", true},
        {dns("localhost"), "localhost", true},
        {dns("a.example") + dns("b.example"), "b.example", true},
        {ip("\x7f\0\0\1"sv) + dns("b.example"), "b.example", true},
        {dns("xn--bcher-kva.example"), "xn--bcher-kva.example", true},
        {dns("_service.example"), "_service.example", true},

        {"", "test.example", false},
        {dns("test.example"), "est.example", false},
        {dns("test.example"), "test.exampl", false},
        {dns("test.example"), "a.test.example", false},
        {dns("a.test.example"), "test.example", false},
        {dns("test.example."), "test.example", false}, // not a presented form (RFC 5280, 4.2.1.6)
        {dns(""), "test.example", false},
        {dns("."), "test.example", false},
        {dns("test.example\0"sv), "test.example", false},
        {dns("test.example\0.evil.example"sv), "test.example", false},
        {dns("test.example\0.evil.example"sv), "test.example.evil.example", false},
        {general_name(1, "test.example"), "test.example", false}, // rfc822Name
        {general_name(6, "test.example"), "test.example", false}, // URI
        {dns("te\xdft.example"), "te\xfft.example", false},

        // A wildcard is the whole left-most label, and stands for exactly one label.
        {dns("*.wild.example"), "a.wild.example", true},
        {dns("*.wild.example"), "A.WILD.EXAMPLE", true},
        {dns("*.wild.example"), "a.wild.example.", true},
        {dns("*.wild.example"), "xn--bcher-kva.wild.example", true},
        {dns("*.wild.example"), "wild.example", false},
        {dns("*.wild.example"), ".wild.example", false},
        {dns("*.wild.example"), "a.b.wild.example", false},
        {dns("*.wild.example"), "a.wild.example.org", false},
        {dns("a*.wild.example"), "ab.wild.example", false},
        {dns("*a.wild.example"), "ba.wild.example", false},
        {dns("a*b.wild.example"), "axb.wild.example", false},
        {dns("**.wild.example"), "ab.wild.example", false},
        {dns("a.*.example"), "a.b.example", false},
        {dns("*.*.example"), "a.b.example", false},
        {dns("*"), "localhost", false},
        {dns("*."), "localhost", false},
        {dns("*.example"), "test.example", false},
        {dns("*.test"), "a.test", false},
        {dns("*..example"), "a.example", false},

        // An address in text never matches a name, nor a name an address.
        {dns("127.0.0.1"), "localhost", false},
        {ip("\x7f\0\0\1"sv), "localhost", false},
        {ip("test"), "test", false},
    };
    for (const auto& row : rows) {
        INFO("reference ", row.reference);
        INFO("presented ", row.san);
        PeerIdentity peer;
        peer.dns_name = row.reference;
        CHECK(x509::matches(as_bytes(row.san), peer) == row.match);
    }
}

TEST_CASE("addresses are matched as bytes, and only with iPAddress") {
    const struct {
        const char* what;
        std::string san;
        std::string_view address;
        bool match;
    } rows[] = {
        {"IPv4", ip("\x7f\0\0\1"sv), "\x7f\0\0\1"sv, true},
        {"IPv6", ip(ipv6_loopback), ipv6_loopback, true},
        {"the second of two", ip("\x0a\0\0\1"sv) + ip("\x7f\0\0\1"sv), "\x7f\0\0\1"sv, true},
        {"beside a name", dns("test.example") + ip("\x7f\0\0\1"sv), "\x7f\0\0\1"sv, true},
        {"another address", ip("\x7f\0\0\2"sv), "\x7f\0\0\1"sv, false},
        {"in text form as dNSName", dns("127.0.0.1"), "\x7f\0\0\1"sv, false},
        {"its bytes as dNSName", dns("\x7f\0\0\1"sv), "\x7f\0\0\1"sv, false},
        {"IPv4-mapped IPv6", ip("\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"sv), "\x7f\0\0\1"sv, false},
        {"a network with its mask", ip("\x7f\0\0\1\xff\xff\xff\xff"sv), "\x7f\0\0\1"sv, false},
        {"empty iPAddress", ip(""), "\x7f\0\0\1"sv, false},
        {"no SAN", "", "\x7f\0\0\1"sv, false},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.what));
        PeerIdentity peer;
        peer.ip_address = as_bytes(row.address);
        CHECK(x509::matches(as_bytes(row.san), peer) == row.match);
    }
}

TEST_CASE("without a reference nothing matches") {
    CHECK_FALSE(x509::matches(as_bytes(dns("test.example") + dns("") + ip("")), PeerIdentity{}));
}

TEST_CASE("ten thousand names are searched to the end") {
    std::string san;
    for (int i = 0; i < 10000; ++i)
        san += dns("host" + std::to_string(i) + ".test.example");
    PeerIdentity peer;
    peer.dns_name = "host9999.test.example";
    CHECK(x509::matches(as_bytes(san), peer));
    peer.dns_name = "host10000.test.example";
    CHECK_FALSE(x509::matches(as_bytes(san), peer));
}

TEST_CASE("a damaged subjectAltName ends the search") {
    std::string san = dns("a.example") + dns("b.example");
    san.pop_back();
    PeerIdentity peer;
    peer.dns_name = "a.example";
    CHECK(x509::matches(as_bytes(san), peer));
    peer.dns_name = "b.example";
    CHECK_FALSE(x509::matches(as_bytes(san), peer));
}

TEST_CASE("names in a subjectAltName are listed, other kinds left out") {
    const std::string san =
        general_name(1, "a@b") + dns("a.example") + ip("\x7f\0\0\1"sv) + ip("x") + dns("b");
    Bytes rest = as_bytes(san);
    using Kind = x509::AltName::Kind;
    x509::AltName name = x509::next_alt_name(rest);
    CHECK(name.kind == Kind::dns_name);
    CHECK(equal(name.value, as_bytes("a.example")));
    CHECK(x509::next_alt_name(rest).kind == Kind::ip_address);
    name = x509::next_alt_name(rest);
    CHECK(equal(name.value, as_bytes("b")));
    CHECK(x509::next_alt_name(rest).kind == Kind::none);
    CHECK(rest.empty());
}

TEST_CASE("valid and invalid DNS names") {
    const std::string label63(63, 'a');
    const std::string longest =
        label63 + '.' + label63 + '.' + label63 + '.' + std::string(61, 'a');
    REQUIRE(longest.size() == 253);
    const struct {
        std::string name;
        bool good;
    } rows[] = {
        {"localhost", true},
        {"test.example", true},
        {"test.example.", true},
        {"a-b.x_y.example", true},
        {"xn--bcher-kva.example", true},
        {"1.example", true},
        {"3com.example", true},
        {"1.2.3.a4", true},
        {label63 + ".example", true},
        {longest, true},
        {longest + ".", true},
        {"", false},
        {".", false},
        {"..", false},
        {".example", false},
        {"a..example", false},
        {"test.example..", false},
        {label63 + "a.example", false},
        {longest + "a", false},
        {"127.0.0.1", false},
        {"1", false},
        {"example.1", false},
        {"::1", false},
        {"*.example", false},
        {"a b", false},
        {"a/b", false},
        {"test.example\0"s, false},
        {"b\xc3\xbc"
         "cher.example",
         false},
    };
    for (const auto& row : rows) {
        INFO("name ", row.name);
        CHECK(x509::is_dns_name(row.name) == row.good);
        const bool is_address =
            row.name == "127.0.0.1" || row.name == "1" || row.name == "example.1";
        CHECK(x509::is_host_name(row.name) == (row.good || is_address));
    }
}

TEST_CASE("IPv4 addresses are four decimal numbers") {
    const struct {
        std::string_view text;
        std::string_view bytes; // empty: refused
    } rows[] = {
        {"127.0.0.1", "\x7f\0\0\1"sv},
        {"0.0.0.0", "\0\0\0\0"sv},
        {"255.255.255.255", "\xff\xff\xff\xff"sv},
        {"256.0.0.1", ""},
        {"1.2.3", ""},
        {"1.2.3.4.5", ""},
        {"1.2.3.", ""},
        {".1.2.3", ""},
        {"1..2.3", ""},
        {"01.2.3.4", ""},
        {"1.2.3.04", ""},
        {"1.2.3.4 ", ""},
        {" 1.2.3.4", ""},
        {"1.2.3.4\0"sv, ""},
        {"0x7f.0.0.1", ""},
        {"2130706433", ""},
        {"1.2.3.-4", ""},
        {"1.2.3.4444444444", ""},
        {"", ""},
    };
    for (const auto& row : rows) {
        INFO("text ", row.text);
        std::uint8_t out[16];
        const std::size_t size = x509::parse_ip_address(row.text, out);
        CHECK(equal(Bytes(out, size), as_bytes(row.bytes)));
    }
}

TEST_CASE("IPv6 addresses are in the forms of RFC 4291, 2.2") {
    const struct {
        std::string_view text;
        std::string_view bytes; // empty: refused
    } rows[] = {
        {"::", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv},
        {"::1", ipv6_loopback},
        {"0:0:0:0:0:0:0:1", ipv6_loopback},
        {"0000:0000:0000:0000:0000:0000:0000:0001", ipv6_loopback},
        {"1::", "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv},
        {"2001:db8::Ff00:42:8329", "\x20\x01\x0d\xb8\0\0\0\0\0\0\xff\0\0\x42\x83\x29"sv},
        {"2001:DB8:0:0:0:FF00:42:8329", "\x20\x01\x0d\xb8\0\0\0\0\0\0\xff\0\0\x42\x83\x29"sv},
        {"1:2:3:4:5:6:7::", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0"sv},
        {"::2:3:4:5:6:7:8", "\0\0\0\2\0\3\0\4\0\5\0\6\0\7\0\x08"sv},
        {"::ffff:127.0.0.1", "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"sv},
        {"64:ff9b::192.0.2.33", "\0\x64\xff\x9b\0\0\0\0\0\0\0\0\xc0\0\2\x21"sv},
        {"1:2:3:4:5:6:127.0.0.1", "\0\1\0\2\0\3\0\4\0\5\0\6\x7f\0\0\1"sv},
        {"::127.0.0.1", "\0\0\0\0\0\0\0\0\0\0\0\0\x7f\0\0\1"sv},
        {":", ""},
        {":::", ""},
        {"1:::2", ""},
        {"1::2::3", ""},
        {":1::2", ""},
        {"1:2:3:4:5:6:7", ""},
        {"1:2:3:4:5:6:7:8:9", ""},
        {"1:2:3:4:5:6:7:8:", ""},
        {":1:2:3:4:5:6:7:8", ""},
        {"1:2:3:4::5:6:7:8", ""}, // "::" for no group
        {"1:2:3:4:5:6:7:8::", ""},
        {"12345::", ""},
        {"::g", ""},
        {"::1%eth0", ""},
        {"[::1]", ""},
        {"::1 ", ""},
        {"::127.0.0", ""},
        {"::127.0.0.1:1", ""},
        {"1:2:3:4:5:6:7:127.0.0.1", ""},
        {"127.0.0.1::", ""},
        {"::1/128", ""},
    };
    for (const auto& row : rows) {
        INFO("text ", row.text);
        std::uint8_t out[16];
        const std::size_t size = x509::parse_ip_address(row.text, out);
        CHECK(equal(Bytes(out, size), as_bytes(row.bytes)));
    }
}
