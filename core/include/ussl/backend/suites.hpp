// The cipher suites of all backends, in order of preference: first those of TLS 1.3, then those
// with certificates, then those with pre-shared keys (RFC 8446, B.4; RFC 5289, RFC 7905, RFC 7251;
// RFC 8442, RFC 5487, RFC 6655). All have authenticated encryption. All have forward secrecy,
// except those with a pre-shared key alone, which come last.
#pragma once

#include "ussl/capabilities.hpp"
#include "ussl/features.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace ussl {

struct SuiteInList {
    std::uint16_t number; // IANA's
    enum class Kind : std::uint8_t {
        tls1_3,
        ecdsa,
        rsa,
        ecdhe_psk,
        bare_psk // without forward secrecy
    } kind;      // all but the first are of TLS 1.2
    bool is_built;
};

// SHA-384 belongs to P-384, whose signatures use it.
inline constexpr SuiteInList suites_in_list[] = {
    {0x1301, SuiteInList::Kind::tls1_3, true},           // TLS_AES_128_GCM_SHA256
    {0x1302, SuiteInList::Kind::tls1_3, features::p384}, // TLS_AES_256_GCM_SHA384
    // TLS_CHACHA20_POLY1305_SHA256
    {0x1303, SuiteInList::Kind::tls1_3, features::chacha20_poly1305},

    {0x1304, SuiteInList::Kind::tls1_3, features::aes_ccm}, // TLS_AES_128_CCM_SHA256
    {0x1305, SuiteInList::Kind::tls1_3, features::aes_ccm}, // TLS_AES_128_CCM_8_SHA256

    // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_…
    {0xc02b, SuiteInList::Kind::ecdsa, true},
    {0xc02f, SuiteInList::Kind::rsa, features::rsa},
    // …_WITH_AES_256_GCM_SHA384
    {0xc02c, SuiteInList::Kind::ecdsa, features::p384},
    {0xc030, SuiteInList::Kind::rsa, features::p384&& features::rsa},
    // …_WITH_CHACHA20_POLY1305_SHA256
    {0xcca9, SuiteInList::Kind::ecdsa, features::chacha20_poly1305},
    {0xcca8, SuiteInList::Kind::rsa, features::chacha20_poly1305&& features::rsa},
    {0xc0ac, SuiteInList::Kind::ecdsa, features::aes_ccm}, // …_ECDSA_WITH_AES_128_CCM
    {0xc0ae, SuiteInList::Kind::ecdsa, features::aes_ccm}, // …_ECDSA_WITH_AES_128_CCM_8

    // TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256, …_AES_128_GCM_SHA256, …_AES_256_GCM_SHA384
    {0xccac, SuiteInList::Kind::ecdhe_psk, features::chacha20_poly1305},
    {0xd001, SuiteInList::Kind::ecdhe_psk, true},
    {0xd002, SuiteInList::Kind::ecdhe_psk, features::p384},
    {0xd005, SuiteInList::Kind::ecdhe_psk, features::aes_ccm}, // …_AES_128_CCM_SHA256
    {0xd003, SuiteInList::Kind::ecdhe_psk, features::aes_ccm}, // …_AES_128_CCM_8_SHA256

    {0x00a8, SuiteInList::Kind::bare_psk, true},           // TLS_PSK_WITH_AES_128_GCM_SHA256
    {0x00a9, SuiteInList::Kind::bare_psk, features::p384}, // TLS_PSK_WITH_AES_256_GCM_SHA384
    {0xccab, SuiteInList::Kind::bare_psk, features::chacha20_poly1305}, // …CHACHA20_POLY1305_SHA256
    {0xc0a4, SuiteInList::Kind::bare_psk, features::aes_ccm},           // TLS_PSK_WITH_AES_128_CCM
    {0xc0a8, SuiteInList::Kind::bare_psk, features::aes_ccm}, // TLS_PSK_WITH_AES_128_CCM_8
};

// RFC 8446, B.4: their first byte is unique.
constexpr bool is_of_tls1_3(std::uint16_t number) { return number >> 8 == 0x13; }

// Of TLS 1.3; the others use SHA-256 (RFC 8446, B.4).
constexpr bool uses_sha384(unsigned number) { return number == 0x1302; }

// The kind of a suite in the list, by its number: searching the list takes more flash.
constexpr SuiteInList::Kind kind_of(std::uint16_t number) {
    using enum SuiteInList::Kind;
    switch (number) {
    case 0xc02f:
    case 0xc030:
    case 0xcca8: return rsa;
    case 0x00a8:
    case 0x00a9:
    case 0xc0a4:
    case 0xc0a8:
    case 0xccab: return bare_psk;
    case 0xccac: return ecdhe_psk;
    default: break;
    }
    if (number >> 8 == 0xd0) return ecdhe_psk; // RFC 8442, 3
    return is_of_tls1_3(number) ? tls1_3 : ecdsa;
}
static_assert(std::all_of(std::begin(suites_in_list), std::end(suites_in_list),
                          [](const SuiteInList& suite) {
                              return kind_of(suite.number) == suite.kind;
                          }));

// Whether the keys come from a pre-shared key, without certificates.
constexpr bool uses_psk(std::uint16_t number) {
    return features::psk && // other builds have refused these
           kind_of(number) >= SuiteInList::Kind::ecdhe_psk;
}

constexpr bool has_suite(const Capabilities& capabilities, const SuiteInList& suite) {
    using enum SuiteInList::Kind;
    switch (suite.kind) {
    case tls1_3: return suite.is_built && capabilities.tls1_3;
    case ecdsa:
    case rsa: return suite.is_built && capabilities.certificates;
    case ecdhe_psk:
        if (!features::ecdhe_psk) return false;
        if (suite.number >> 8 == 0xd0 && !capabilities.ecdhe_psk_aes) return false;
        break;
    case bare_psk: break;
    }
    return suite.is_built && capabilities.psk;
}

template<const Capabilities& capabilities>
consteval auto make_suites() {
    constexpr auto has = [](const SuiteInList& suite) { return has_suite(capabilities, suite); };
    std::array<std::uint16_t,
               std::count_if(std::begin(suites_in_list), std::end(suites_in_list), has)>
        list{};
    std::size_t count = 0;
    for (const SuiteInList& suite : suites_in_list)
        if (has(suite)) list[count++] = suite.number;
    return list;
}

// For Backend::suites.
template<const Capabilities& capabilities>
inline constexpr auto suites_of = make_suites<capabilities>();

} // namespace ussl
