#pragma once

#include "ussl/context.hpp"
#include "ussl/error.hpp"

namespace ussl::bearssl {

// Translates one of BearSSL's BR_ERR_*, for the end that met it; never to Err::none. A peer can
// cause all results but Err::internal.
Error translate(int library_error, Role role);

// The alert for the peer, in TLS 1.2.
Alert alert_for(const Error& error, Role own);

} // namespace ussl::bearssl
