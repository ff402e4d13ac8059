// What OpenSSL takes from the Environment: randomness, by a provider of ours in a library context
// of ours. Its memory is its own: OpenSSL lets nobody set that once it has been used, and the
// program may use it for other things.
#pragma once

#include <openssl/types.h>

namespace ussl::openssl {

// The library context that all contexts use: with the default provider's algorithms, and the
// Environment's randomness of the operation under way. Null: OpenSSL has no memory for it, or no
// default provider.
OSSL_LIB_CTX* library_context();

} // namespace ussl::openssl
