// The global functions that wolfSSL calls for memory, randomness and time. They work for the
// current operation (ussl/backend/operation.hpp).
#pragma once

namespace ussl::wolfssl {

// Starts the library with the first context and cleans it up with the last. acquire_library()
// returns the result of wolfSSL_Init().
int acquire_library();
void release_library();

} // namespace ussl::wolfssl
