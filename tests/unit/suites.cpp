// Cipher suites by their names.
#include "support/doctest.hpp"

#include "ussl/protocol.hpp"

#include <set>
#include <string>

using namespace ussl;

TEST_CASE("a suite's number by its IANA name, or by the name in MicroPython's module") {
    const struct {
        std::string_view name;
        std::uint16_t number;
    } rows[] = {
        {"TLS_AES_128_GCM_SHA256", 0x1301},
        {"TLS-AES-128-GCM-SHA256", 0x1301},
        {"TLS1-3-AES-128-GCM-SHA256", 0x1301},
        {"TLS1_3_AES_256_GCM_SHA384", 0x1302},
        {"TLS1-3-CHACHA20-POLY1305-SHA256", 0x1303},
        {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b},
        {"TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256", 0xc02b},
        {"TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384", 0xc030},
        {"TLS-ECDHE-RSA-WITH-CHACHA20-POLY1305-SHA256", 0xcca8},
        {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9},
        {"", 0},
        {"TLS", 0},
        {"TLS1-3", 0},
        {"TLS1-3-", 0},
        {"TLS_AES_128_GCM_SHA25", 0},
        {"TLS_AES_128_GCM_SHA2566", 0},
        {"TLS_AES_128_GCM_SHA256 ", 0},
        {"tls_aes_128_gcm_sha256", 0},
        {"ECDHE-ECDSA-AES128-GCM-SHA256", 0}, // OpenSSL's name
        // Only suites of TLS 1.3 have that prefix.
        {"TLS1-3-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256", 0},
        {"TLS_RSA_WITH_AES_128_CBC_SHA", 0}, // known to IANA, but to no backend
        {"TLS_ECDHE_RSA_WITH_RC4_128_SHA", 0},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        CHECK(suite_number(row.name) == row.number);
    }
    CHECK(suite_number(std::string_view("TLS_AES_128_GCM_SHA256\0", 23)) == 0);
}

TEST_CASE("every suite is found by its own name, and is unique") {
    std::set<std::uint16_t> numbers;
    std::set<std::string_view> names;
    for (const Suite& suite : suites()) {
        CAPTURE(suite.name);
        CHECK(suite_number(suite.name) == suite.number);
        CHECK(suite_name(suite.number) == suite.name);
        CHECK(numbers.insert(suite.number).second);
        CHECK(names.insert(suite.name).second);
        std::string dashes(suite.name);
        for (char& c : dashes)
            if (c == '_') c = '-';
        CHECK(suite_number(dashes) == suite.number);
        // RFC 8446, B.4: those of TLS 1.3 begin with 0x13.
        CHECK((suite.version == Version::tls1_3) == (suite.number >> 8 == 0x13));
    }
    CHECK(numbers.size() >= 9);
}
