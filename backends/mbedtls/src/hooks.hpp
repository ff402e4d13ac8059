// The functions that the library calls for memory, randomness and time. They work for the current
// operation (ussl/backend/operation.hpp): a program has one PSA, without a context.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>

namespace ussl::mbedtls {

// The library's f_rng; its argument is the Environment.
int random_bytes(void* environment, unsigned char* out, std::size_t size);

// Starts the PSA half of the library with the first context and frees it with the last, so that it
// holds no memory while no context is open.
Err acquire_psa();
void release_psa();

} // namespace ussl::mbedtls
