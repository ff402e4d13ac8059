// What the library calls wherever it is: memory and randomness. Both say only "failed" to the
// library, whose error numbers do not always tell why an operation failed. So failures are noted
// here.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>

namespace ussl::mbedtls {

// To be called before each operation of the library: names the environment that its PSA half takes
// randomness from (there is one PSA in a program, without a context), and forgets earlier failures.
void begin_operation(const Environment& environment);

// Err::no_randomness or Err::no_memory if a hook failed since begin_operation(), else Err::none.
Err hook_failure();

// The library's f_rng; its argument is the Environment.
int random_bytes(void* environment, unsigned char* out, std::size_t size);

// The library's PSA half is started with the first context and freed with the last, so that no
// memory stays taken when no context is open.
Err acquire_psa();
void release_psa();

} // namespace ussl::mbedtls
