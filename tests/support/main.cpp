// The main program of a doctest executable.
#define DOCTEST_CONFIG_IMPLEMENT
#include "support/doctest.hpp"
#include "support/heap.hpp"

int main(int argc, char** argv) {
    ussl::test::heap::install();
    return doctest::Context(argc, argv).run();
}
