// Lines of the NSS key log format, from wolfSSL's callbacks.
#pragma once

#include "ussl/callbacks.hpp"

#include "library.hpp"

namespace ussl::wolfssl::key_log {

#if USSL_KEY_LOG
// `log` must outlive `ssl`.
void set(WOLFSSL* ssl, const KeyLog& log);

// Call it after the handshake. wolfSSL has no callback for the secret of a session that was resumed
// in TLS 1.2.
void established(WOLFSSL* ssl, const KeyLog& log, bool is_resumed_tls1_2);
#endif

} // namespace ussl::wolfssl::key_log
