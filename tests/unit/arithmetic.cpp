#include "support/arithmetic.hpp"

#include <doctest/doctest.h>

TEST_CASE("arithmetic that a backend amends gives what slow arithmetic gives") {
    const char* const fault = ussl::test::arithmetic_fault(2000);
    CHECK_MESSAGE(fault == nullptr, (fault ? fault : ""));
}
