// Pre-shared keys: wolfSSL's callbacks for both versions.
#pragma once

#include "context_engine.hpp"

namespace ussl::wolfssl::psk {

// The suites of TLS 1.2 that need a pre-shared key (RFC 5487, RFC 7905).
constexpr bool is_suite(std::uint16_t number) {
    if (!features::psk) return false; // such suites were refused before
    return number == 0x00a8 || number == 0x00a9 || number == 0xccab || number == 0xccac;
}

#if USSL_PSK
// Has clients of `library` offer the context's key. wolfSSL takes identities for C strings:
// unsupported where one holds a NUL.
Err offer(WOLFSSL_CTX* library, Traits::ContextEngine& context);

// Has servers of `library` ask the context's callback.
void accept(WOLFSSL_CTX* library, Traits::ContextEngine& context);
#endif

} // namespace ussl::wolfssl::psk
