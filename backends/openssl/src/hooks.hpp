// OpenSSL's randomness: from the Environment, by a provider of ours in a library context of ours.
// OpenSSL's memory is its own: nobody can replace its allocator once it was used, and the program
// may use OpenSSL for other things.
#pragma once

#include <openssl/types.h>

namespace ussl::openssl {

// The library context of all contexts: with the default provider's algorithms, and the randomness
// of the current operation's Environment. Null: no memory, or no default provider.
OSSL_LIB_CTX* library_context();

} // namespace ussl::openssl
