// Pre-shared keys: wolfSSL's callbacks for both versions.
#pragma once

#include "context_engine.hpp"

namespace ussl::wolfssl::psk {

#if USSL_PSK
// Has clients of `library` offer the context's key. wolfSSL takes identities for C strings:
// unsupported where one holds a NUL.
Err offer(WOLFSSL_CTX* library, Traits::ContextEngine& context);

// Has servers of `library` ask the context's callback.
void accept(WOLFSSL_CTX* library, Traits::ContextEngine& context);
#endif

} // namespace ussl::wolfssl::psk
