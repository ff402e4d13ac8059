// The cipher suites of a backend's list, in order of preference, the same order on each: suites of
// TLS 1.3 first, then those with certificates, then those with pre-shared keys (RFC 8446, B.4; RFC
// 5289, RFC 7905, RFC 5487). All have authenticated encryption; but for pre-shared keys, all have
// forward secrecy, and those that have it come first there.
#pragma once

#include "ussl/capabilities.hpp"
#include "ussl/features.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ussl {

struct SuiteInList {
    std::uint16_t number; // IANA's
    enum class Kind : std::uint8_t { tls1_3, certificates, psk } kind;
    bool is_built;
};

// SHA-384 comes with P-384, whose signatures use it.
inline constexpr SuiteInList suites_in_list[] = {
    {0x1301, SuiteInList::Kind::tls1_3, true},           // TLS_AES_128_GCM_SHA256
    {0x1302, SuiteInList::Kind::tls1_3, features::p384}, // TLS_AES_256_GCM_SHA384
    // TLS_CHACHA20_POLY1305_SHA256
    {0x1303, SuiteInList::Kind::tls1_3, features::chacha20_poly1305},

    // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_…
    {0xc02b, SuiteInList::Kind::certificates, true},
    {0xc02f, SuiteInList::Kind::certificates, features::rsa},
    // …_WITH_AES_256_GCM_SHA384
    {0xc02c, SuiteInList::Kind::certificates, features::p384},
    {0xc030, SuiteInList::Kind::certificates, features::p384&& features::rsa},
    // …_WITH_CHACHA20_POLY1305_SHA256
    {0xcca9, SuiteInList::Kind::certificates, features::chacha20_poly1305},
    {0xcca8, SuiteInList::Kind::certificates, features::chacha20_poly1305&& features::rsa},

    // TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
    {0xccac, SuiteInList::Kind::psk, features::chacha20_poly1305},
    {0x00a8, SuiteInList::Kind::psk, true},           // TLS_PSK_WITH_AES_128_GCM_SHA256
    {0x00a9, SuiteInList::Kind::psk, features::p384}, // TLS_PSK_WITH_AES_256_GCM_SHA384
    {0xccab, SuiteInList::Kind::psk, features::chacha20_poly1305}, // …CHACHA20_POLY1305_SHA256
};

constexpr bool has_suite(const Capabilities& capabilities, const SuiteInList& suite) {
    using enum SuiteInList::Kind;
    return suite.is_built && (suite.kind != tls1_3 || capabilities.tls1_3) &&
           (suite.kind != psk || capabilities.psk);
}

template<const Capabilities& capabilities>
consteval auto make_suites() {
    constexpr auto has = [](const SuiteInList& suite) { return has_suite(capabilities, suite); };
    std::array<std::uint16_t, std::ranges::count_if(suites_in_list, has)> list{};
    std::size_t count = 0;
    for (const SuiteInList& suite : suites_in_list)
        if (has(suite)) list[count++] = suite.number;
    return list;
}

// For Backend::suites.
template<const Capabilities& capabilities>
inline constexpr auto suites_of = make_suites<capabilities>();

} // namespace ussl
