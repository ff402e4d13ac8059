#pragma once

#include "ussl/error.hpp"

namespace ussl::bearssl {

// What one of BearSSL's BR_ERR_* means in the project's terms; never Err::none.
Error translate(int library_error);

// The alert that tells the peer, in TLS 1.2.
Alert alert_for(const Error& error);

} // namespace ussl::bearssl
