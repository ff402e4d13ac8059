// Blocks that a library loses when its memory ends, by name. Nothing else may be lost, there or
// elsewhere.
#pragma once

#include "support/differences.hpp"

#include "ussl/protocol.hpp"

#include <cstddef>

namespace ussl::test {

// Where Difference::loses_blocks holds. mbedTLS 3.6 in TLS 1.3:
// mbedtls_ssl_tls13_compute_*_transform() free what holds the cipher contexts of both directions
// when mbedtls_ssl_tls13_populate_transform() fails, but not what those hold. The latter allocates,
// in this order, a mode's context for each direction and a cipher's for each: one, two or three
// blocks are lost with the second, third or fourth that fails.
inline bool is_lost_by_library(const BackendUnderTest& backend, Version version,
                               std::size_t blocks) {
    return blocks >= 1 && blocks <= 3 && differs(backend, Difference::loses_blocks, version);
}

// Those places, for both kinds of keys, are not more than so many in a row of attempts.
inline constexpr std::size_t max_library_losses = 12;

} // namespace ussl::test
