// A backend that amends its library's arithmetic tests it in backends/NAME/tests/arithmetic.cpp.
#pragma once

#include <cstdint>

namespace ussl::test {

// Compares with other arithmetic, on random numbers and on those at which carries go far. Returns
// what was wrong, or null.
const char* arithmetic_fault(unsigned rounds);

// The same numbers in each run (xorshift32).
inline std::uint32_t random() {
    static constinit std::uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

} // namespace ussl::test
