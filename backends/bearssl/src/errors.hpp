#pragma once

#include "ussl/error.hpp"

namespace ussl::bearssl {

// What one of BearSSL's BR_ERR_* means in the project's terms; never Err::none.
Error translate(int library_error);

} // namespace ussl::bearssl
