// Translates error numbers of wolfSSL.
#pragma once

#include "ussl/backend/error_table.hpp"
#include "ussl/context.hpp"

namespace ussl::wolfssl {

// `code`: a fatal error from wolfSSL_get_error(). `role`: of this end. `what`: the work that
// failed.
Err translate(int code, Role role, During what);

// The alert for an `error` from translate(): more precise than ussl::alert_for() if `code` allows
// it.
Alert alert_for(Err error, int code);

} // namespace ussl::wolfssl
