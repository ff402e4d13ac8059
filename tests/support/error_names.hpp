// The errors by their names.
#pragma once

#include "ussl/error.hpp"

namespace ussl::test {

const char* name_of(Err code); // "wrong_host"

// Everything in the list of errors, none excepted.
struct NamedErr {
    Err code;
    const char* name;
};
extern const NamedErr all_errors[47];

} // namespace ussl::test
