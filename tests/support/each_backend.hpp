// Test cases that are written once and run for every row of a table: above all for every backend of
// the build. Each (test × row) is a test case of its own, with the row's name in front:
//
//     EACH_BACKEND("a session that is idle gives empty spans") {
//         OwnedSession session(backend);
//         …
//     }
#pragma once

#include "support/backends.hpp"
#include "support/doctest.hpp"

#include "backends_under_test.hpp"

#include <deque>
#include <string>
#include <utility>

namespace ussl::test {

// doctest stores the pointer to a test case's name.
inline const char* keep(std::string name) {
    static std::deque<std::string> names;
    return names.emplace_back(std::move(name)).c_str();
}

// Registers `run` as a test case, as doctest's own macro does. Skips names that end with [long]
// unless --no-skip is given.
inline void register_case(void (*run)(), const std::string& name, const char* file, unsigned line) {
    namespace impl = doctest::detail;
    impl::TestCase test(run, file, line, doctest_detail_test_suite_ns::getCurrentTestSuite());
    test = test * keep(name);
    doctest::skip(name.ends_with("[long]")).fill(test);
    impl::regTest(test);
}

template<void (*body)(const BackendUnderTest&), std::size_t row>
void run_for_backend() {
    body(backends()[row]);
}

template<void (*body)(const BackendUnderTest&)>
int register_for_each_backend(const char* name, const char* file, unsigned line) {
    const auto add = [&]<std::size_t... row>(std::index_sequence<row...>) {
        (register_case(run_for_backend<body, row>,
                       std::string("[") + backends()[row].name + "] " + name, file, line),
         ...);
    };
    add(std::make_index_sequence<ussl_backends_under_test>{});
    return 0;
}

} // namespace ussl::test

#define EACH_BACKEND_NAMED(function, name)                                                         \
    static void function(const ussl::test::BackendUnderTest& backend);                             \
    static const int DOCTEST_CAT(function, _registered) =                                          \
        ussl::test::register_for_each_backend<function>(name, __FILE__, __LINE__);                 \
    static void function([[maybe_unused]] const ussl::test::BackendUnderTest& backend)
#define EACH_BACKEND(name) EACH_BACKEND_NAMED(DOCTEST_ANONYMOUS(each_backend_), name)
