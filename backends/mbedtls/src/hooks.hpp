// What the library calls wherever it is: memory, randomness and the time. All of it belongs to the
// operation under way (ussl/backend/operation.hpp): there is one PSA in a program, without a
// context.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>

namespace ussl::mbedtls {

// The library's f_rng; its argument is the Environment.
int random_bytes(void* environment, unsigned char* out, std::size_t size);

// The library's PSA half is started with the first context and freed with the last, so that no
// memory stays taken when no context is open.
Err acquire_psa();
void release_psa();

} // namespace ussl::mbedtls
