// Pre-shared keys: wolfSSL's callbacks for both versions.
#pragma once

#include "context_engine.hpp"

namespace ussl::wolfssl::psk {

#if USSL_PSK
// Makes clients of `library` offer the context's key. wolfSSL takes identities for C strings:
// Err::unsupported if one holds a NUL.
Err offer(WOLFSSL_CTX* library, Traits::ContextEngine& context);

// Makes servers of `library` call the context's callback.
void accept(WOLFSSL_CTX* library, Traits::ContextEngine& context);
#endif

} // namespace ussl::wolfssl::psk
