// The names of the errors.
#pragma once

#include "ussl/error.hpp"

namespace ussl::test {

const char* name_of(Err code); // "wrong_host"

// Every name in the list of errors.
struct NamedErr {
    Err code;
    const char* name;
};
extern const NamedErr all_errors[49];

} // namespace ussl::test
