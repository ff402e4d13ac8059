// A backend that amends its library's arithmetic tests it in backends/NAME/tests/arithmetic.cpp.
#pragma once

#include <cstdint>

namespace ussl::test {

// Compares with other arithmetic, on random numbers and on those at which carries go far. Returns
// what was wrong, or null.
const char* arithmetic_fault(unsigned rounds);

} // namespace ussl::test
