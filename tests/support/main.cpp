// The main program of a doctest executable.
#define DOCTEST_CONFIG_IMPLEMENT
#include "support/doctest.hpp"
#include "support/heap.hpp"

// For the leak sanitizer: the tests that meet the leaks of support/library_losses.hpp count them
// themselves.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:ssl_tls13_populate_transform\n";
}

int main(int argc, char** argv) {
    ussl::test::heap::install();
    return doctest::Context(argc, argv).run();
}
