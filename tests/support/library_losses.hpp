// Blocks that a library loses when its memory ends, by name. Nothing else may be lost, there or
// elsewhere.
#pragma once

#include "support/differences.hpp"

#include "ussl/protocol.hpp"

#include <cstddef>

namespace ussl::test {

// Where Difference::loses_blocks holds: one, two or three blocks of what holds the keys of both
// directions are lost with the second, third or fourth of them that fails.
inline bool is_lost_by_library(const BackendUnderTest& backend, Version version,
                               std::size_t blocks) {
    return blocks >= 1 && blocks <= 3 && differs(backend, Difference::loses_blocks, version);
}

// Those places, for both kinds of keys, are not more than so many in a row of attempts.
inline constexpr std::size_t max_library_losses = 12;

} // namespace ussl::test
