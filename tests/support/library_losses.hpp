// Blocks that a library leaks when memory runs out, by name. Nothing else may leak, there or
// elsewhere.
#pragma once

#include "support/differences.hpp"

#include "ussl/protocol.hpp"

#include <cstddef>

namespace ussl::test {

// Where Difference::loses_blocks holds: one, two or three blocks for the keys of both directions
// leak when the second, third or fourth of them fails.
inline bool is_lost_by_library(const BackendUnderTest& backend, Version version,
                               std::size_t blocks) {
    return blocks >= 1 && blocks <= 3 && differs(backend, Difference::loses_blocks, version);
}

// These places, for both kinds of keys, are at most so many attempts in a row.
inline constexpr std::size_t max_library_losses = 12;

} // namespace ussl::test
