// doctest, with readable names of the project's enumerations in its messages.
#pragma once

#include "support/error_names.hpp"

#include "ussl/error.hpp"
#include "ussl/status.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace ussl::test {

const char* name_of(Status status); // "want_read"
std::string text_of(const Error& error);

} // namespace ussl::test

// doctest finds it through its arguments' namespace.
namespace ussl {
inline doctest::String toString(Status status) { return test::name_of(status); }
inline doctest::String toString(Err code) { return test::name_of(code); }
} // namespace ussl

namespace doctest {

template<>
struct StringMaker<std::string> {
    static String convert(const std::string& text) { return text.c_str(); }
};
template<>
struct StringMaker<std::string_view> {
    static String convert(std::string_view text) { return std::string(text).c_str(); }
};

} // namespace doctest
