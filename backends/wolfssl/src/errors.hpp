// wolfSSL's error numbers as ours.
#pragma once

#include "ussl/backend/error_table.hpp"
#include "ussl/context.hpp"

namespace ussl::wolfssl {

// `code`: as wolfSSL_get_error() gives it, one that ends a connection. `role`: of the side that met
// it. `what` it was at then.
Err translate(int code, Role role, During what);

// The alert for what translate() made an `error` of: more precise than ussl::alert_for() where the
// code allows it.
Alert alert_for(Err error, int code);

} // namespace ussl::wolfssl
