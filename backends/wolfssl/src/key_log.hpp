// Lines of the NSS key log format from wolfSSL's callbacks.
#pragma once

#include "ussl/callbacks.hpp"

#include "library.hpp"

namespace ussl::wolfssl::key_log {

#if USSL_KEY_LOG
// `log` must outlive `ssl`.
void set(WOLFSSL* ssl, const KeyLog& log);
#endif

} // namespace ussl::wolfssl::key_log
