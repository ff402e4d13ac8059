// What wolfSSL takes from outside (memory, randomness, the time), through global functions: for
// the operation under way (ussl/backend/operation.hpp).
#pragma once

namespace ussl::wolfssl {

// The library is started with the first context and cleaned up with the last. acquire_library()
// gives what wolfSSL_Init() says.
int acquire_library();
void release_library();

} // namespace ussl::wolfssl
