#pragma once

#include "ussl/context.hpp"
#include "ussl/error.hpp"

namespace ussl::bearssl {

// What one of BearSSL's BR_ERR_* means in the project's terms, to the side that met it; never
// Err::none. All but Err::internal can be a peer's doing.
Error translate(int library_error, Role role);

// The alert that tells the peer, in TLS 1.2.
Alert alert_for(const Error& error, Role own);

} // namespace ussl::bearssl
