// The certificate parser, with certificates from make.py and with damaged ones.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <algorithm>
#include <memory>
#include <string>

using namespace ussl;
using test::Blob;
using x509::Certificate;
using x509::KeyKind;
using x509::SignatureKind;

namespace {

Certificate parsed(const std::string& file) {
    Certificate certificate;
    REQUIRE(x509::parse(test::file(file), certificate));
    return certificate;
}

// Replaces the first occurrence; both have the same length, so that the DER stays well-formed.
Blob patched(const Blob& der, std::string_view from, std::string_view to, bool last = false) {
    REQUIRE(from.size() == to.size());
    const std::string_view text(reinterpret_cast<const char*>(der.data()), der.size());
    const std::size_t at = last ? text.rfind(from) : text.find(from);
    REQUIRE(at != std::string_view::npos);
    Blob copy = der;
    std::copy(to.begin(), to.end(), copy.begin() + static_cast<std::ptrdiff_t>(at));
    return copy;
}

} // namespace

TEST_CASE("a certificate's fields are read") {
    const struct {
        const char* file;
        KeyKind key;
        unsigned bits;
        SignatureKind signature;
        bool is_ca;
    } rows[] = {
        {"p256.crt.der", KeyKind::ec_p256, 256, SignatureKind::ecdsa, false},
        {"p384.crt.der", KeyKind::ec_p384, 384, SignatureKind::ecdsa, false},
        {"p521.crt.der", KeyKind::ec_p521, 528, SignatureKind::ecdsa, false},
        {"rsa.crt.der", KeyKind::rsa, 2048, SignatureKind::ecdsa, false},
        {"rsa1024.crt.der", KeyKind::rsa, 1024, SignatureKind::ecdsa, false},
        {"rsa-chain.crt.der", KeyKind::rsa, 2048, SignatureKind::rsa_pkcs1, false},
        {"rsa-pss.crt.der", KeyKind::rsa, 2048, SignatureKind::rsa_pss, false},
        {"sha1-rsa.crt.der", KeyKind::rsa, 2048, SignatureKind::weak_hash, false},
        {"sha1-ecdsa.crt.der", KeyKind::ec_p256, 256, SignatureKind::weak_hash, false},
        {"ca.der", KeyKind::ec_p256, 256, SignatureKind::ecdsa, true},
        {"rsa-ca.der", KeyKind::rsa, 2048, SignatureKind::rsa_pkcs1, true},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.file));
        const Certificate certificate = parsed(row.file);
        CHECK(certificate.key == row.key);
        CHECK(certificate.key_bits == row.bits);
        CHECK(certificate.signature == row.signature);
        CHECK(certificate.is_ca == row.is_ca);
    }
}

TEST_CASE("usages, limits and names are read, and may be absent") {
    CHECK(parsed("p256.crt.der").key_usage == x509::digital_signature);
    CHECK(parsed("rsa.crt.der").key_usage == (x509::digital_signature | x509::key_encipherment));
    CHECK(parsed("agree-only.crt.der").key_usage == x509::key_agreement);
    CHECK(parsed("p256.crt.der").extended_key_usage == x509::server_auth);
    CHECK(parsed("client.crt.der").extended_key_usage == x509::client_auth);
    CHECK(parsed("noeku.crt.der").extended_key_usage == x509::any_extended_key_usage);
    CHECK(parsed("anyeku.crt.der").extended_key_usage == x509::any_extended_key_usage);
    CHECK(parsed("limited.der").path_length == 0);
    CHECK(parsed("ca.der").path_length == UINT32_MAX);
    CHECK_FALSE(parsed("constrained-ca.der").name_constraints.empty());
    CHECK(parsed("ca.der").name_constraints.empty());
    CHECK(parsed("cn-only.crt.der").subject_alt_name.empty());
    CHECK_FALSE(parsed("p256.crt.der").subject_alt_name.empty());
    CHECK(equal(parsed("inter.der").issuer, parsed("ca.der").subject));
    CHECK(equal(parsed("p256.crt.der").issuer, parsed("inter.der").subject));
}

TEST_CASE("times are read in both notations") {
    // Times as they are written in a certificate, patched into a real one.
    const Certificate certificate = parsed("p256.crt.der");
    CHECK(certificate.not_after - certificate.not_before == 3651 * std::int64_t{86400});
    const Blob& der = test::file("p256.crt.der");
    const std::string_view text(reinterpret_cast<const char*>(der.data()), der.size());
    const std::size_t at = text.find("\x17\x0d"); // the first UTCTime
    REQUIRE(at != std::string_view::npos);
    const struct {
        std::string_view time;
        std::int64_t seconds;
    } rows[] = {
        {"700101000000Z", 0},          {"691231235959Z", -1}, // 1969
        {"000101000000Z", 946684800},  {"000229120000Z", 951825600},  {"000301000000Z", 951868800},
        {"491231235959Z", 2524607999}, {"500101000000Z", -631152000}, // 1950
        {"261123225916Z", 1795474756},
    };
    for (const auto& row : rows) {
        INFO(row.time);
        Blob copy = der;
        std::copy(row.time.begin(), row.time.end(),
                  copy.begin() + static_cast<std::ptrdiff_t>(at) + 2);
        Certificate out;
        CHECK(x509::parse(copy, out));
        CHECK(out.not_before == row.seconds);
    }
    for (const std::string_view bad :
         {"261323225916Z", "260023225916Z", "261132225916Z", "261100225916Z", "261123245916Z",
          "261123226016Z", "261123225960Z", "26112322591 Z", "2611232259160", "26112322591/Z",
          "-61123225916Z", "261123225916+"}) {
        INFO(bad);
        Blob copy = der;
        std::copy(bad.begin(), bad.end(), copy.begin() + static_cast<std::ptrdiff_t>(at) + 2);
        Certificate out;
        CHECK_FALSE(x509::parse(copy, out));
    }
}

TEST_CASE("certificates that break RFC 5280 are refused") {
    Certificate out;
    CHECK(x509::parse(test::file("critical-unknown.crt.der"), out));
    CHECK(out.has_unknown_critical);
    CHECK(x509::parse(test::file("unknown-extension.crt.der"), out));
    CHECK_FALSE(out.has_unknown_critical);

    const Blob& der = test::file("p256.crt.der");
    SUBCASE("an extension twice") {
        // subjectKeyIdentifier (14) becomes a second authorityKeyIdentifier (35).
        CHECK_FALSE(x509::parse(patched(der, "\x55\x1d\x0e", "\x55\x1d\x23"), out));
    }
    SUBCASE("the two signature algorithms differ") {
        constexpr std::string_view sha256 = "\x2a\x86\x48\xce\x3d\x04\x03\x02",
                                   sha384 = "\x2a\x86\x48\xce\x3d\x04\x03\x03";
        CHECK_FALSE(x509::parse(patched(der, sha256, sha384), out));
        CHECK_FALSE(x509::parse(patched(der, sha256, sha384, true), out));
    }
    SUBCASE("bytes after the end") {
        Blob copy = der;
        copy.push_back(0);
        CHECK_FALSE(x509::parse(copy, out));
    }
    SUBCASE("not a certificate at all") {
        CHECK_FALSE(x509::parse({}, out));
        CHECK_FALSE(x509::parse(test::file("p256.key.der"), out));
        CHECK_FALSE(x509::parse(test::file("ca.pem"), out));
    }
}

TEST_CASE("every shorter part of a certificate is refused") {
    for (const char* name : {"p256.crt.der", "rsa-pss.crt.der", "constrained-ca.der"}) {
        const Blob& der = test::file(name);
        Certificate out;
        for (std::size_t size = 0; size < der.size(); ++size) {
            INFO(std::string(name), " cut at ", size);
            // In a buffer of exactly this size, so that a sanitizer sees any read beyond it.
            const auto copy = std::make_unique<std::uint8_t[]>(size);
            std::copy_n(der.begin(), size, copy.get());
            REQUIRE_FALSE(x509::parse({copy.get(), size}, out));
        }
    }
}

TEST_CASE("a certificate with any byte changed is read within its bounds") {
    const Blob& der = test::file("p256.crt.der");
    const auto copy = std::make_unique<std::uint8_t[]>(der.size());
    std::copy(der.begin(), der.end(), copy.get());
    const Bytes whole(copy.get(), der.size());
    for (std::size_t at = 0; at < der.size(); ++at)
        for (const int change : {0x01, 0x80, 0xff, 0x7f}) {
            copy[at] = static_cast<std::uint8_t>(der[at] ^ change);
            Certificate out;
            if (x509::parse(whole, out))
                for (const Bytes view :
                     {out.issuer, out.subject, out.subject_public_key, out.subject_alt_name})
                    REQUIRE((view.empty() ||
                             (view.data() >= whole.data() &&
                              view.data() + view.size() <= whole.data() + whole.size())));
            copy[at] = der[at];
        }
}

#if USSL_RSA
// RFC 8017, 3.1.
TEST_CASE("the numbers of an RSA key are positive and odd, and its exponent is not 1") {
    const struct {
        std::uint8_t modulus, exponent;
        bool good;
    } rows[] = {{0x7f, 3, true},  {0x7f, 0x11, true}, {0x7f, 1, false},
                {0x7f, 0, false}, {0x7f, 4, false},   {0x7e, 3, false},
                {0, 3, false},    {0xff, 3, false},   {0x7f, 0xfd, false}};
    for (const auto& row : rows) {
        CAPTURE(unsigned{row.modulus});
        CAPTURE(unsigned{row.exponent});
        const std::uint8_t info[] = {0x30, 0x1a, 0x30, 0x0d,        0x06, 0x09, 0x2a,
                                     0x86, 0x48, 0x86, 0xf7,        0x0d, 0x01, 0x01,
                                     0x01, 0x05, 0x00, 0x03,        0x09, 0x00, 0x30,
                                     0x06, 0x02, 0x01, row.modulus, 0x02, 0x01, row.exponent};
        x509::PublicKey key;
        CHECK(x509::parse_public_key(info, key) == row.good);
    }
}
#endif

TEST_CASE("only signatures in DER are encoded for a key of an elliptic curve") {
    const std::string low(32, '\x11'), high(32, '\x91'), zero(1, '\0');
    const auto tlv = [](char tag, const std::string& contents, const char* length = "") {
        return std::string(1, tag) + length + static_cast<char>(contents.size()) + contents;
    };
    const auto number = [&](const std::string& contents) { return tlv('\x02', contents); };
    const auto pair = [&](const std::string& r, const std::string& s) {
        return tlv('\x30', number(r) + number(s));
    };
    const struct {
        const char* what;
        std::string signature;
        bool good;
    } rows[] = {
        {"two numbers", pair(low, zero + high), true},
        {"short ones", pair("\x01", "\x7f"), true},
        {"a zero in front", pair(low, zero + low), false},
        {"zeros in front", pair(low, zero + zero + high), false},
        {"negative", pair(low, high), false},
        {"zero", pair(low, zero), false},
        {"nothing as a number", pair(low, ""), false},
        {"a byte too many", pair(low, low + "\x11"), false},
        {"one number", tlv('\x30', number(low)), false},
        {"three numbers", tlv('\x30', number(low) + number(low) + number(low)), false},
        {"bytes behind it", pair(low, low) + "\x05", false},
        {"another tag", tlv('\x31', number(low) + number(low)), false},
        {"a number's length of two bytes", tlv('\x30', number(low) + tlv('\x02', low, "\x81")),
         false},
        {"a length of two bytes", tlv('\x30', number(low) + number(low), "\x81"), false},
        {"nothing", "", false},
    };
    const Certificate p256 = parsed("p256.crt.der"), p384 = parsed("p384.crt.der");
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        CHECK(x509::is_encoded_for(p256, as_bytes(row.signature)) == row.good);
    }
    const std::string longer(48, '\x11');
    CHECK(x509::is_encoded_for(p384, as_bytes(pair(longer, longer))));
    CHECK_FALSE(x509::is_encoded_for(p256, as_bytes(pair(longer, longer))));
}

TEST_CASE("a signature by RSA is as long as the modulus") {
    const Certificate key = parsed("rsa.crt.der");
    for (const std::size_t size : {0u, 1u, 255u, 256u, 257u}) {
        CAPTURE(size);
        CHECK(x509::is_encoded_for(key, Blob(size)) == (size == 256));
    }
}
