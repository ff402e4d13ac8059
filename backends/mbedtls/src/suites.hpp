// Cipher suites by their IANA numbers.
#pragma once

#include "ussl/features.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::mbedtls {

// Of Backend::suites.
inline constexpr std::size_t max_suites = 16;

// RFC 5487 and RFC 7905: the key exchange is by a pre-shared key, without certificates.
constexpr bool uses_psk(std::uint16_t suite) {
    if (!features::psk) return false; // such suites were refused before
    return suite == 0x00a8 || suite == 0x00a9 || suite == 0xccab || suite == 0xccac;
}

// Suites of TLS 1.3 do not say (RFC 8446, B.4).
constexpr bool is_for_certificates(std::uint16_t suite) {
    return suite >> 8 != 0x13 && !uses_psk(suite);
}

} // namespace ussl::mbedtls
