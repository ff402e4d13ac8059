#pragma once

#include "ussl/callbacks.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

// Gives the session's secret to a key log: a line CLIENT_RANDOM of the NSS format.
void log_master_secret(const KeyLog& log, const br_ssl_engine_context& engine);

} // namespace ussl::bearssl
