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

// Seconds: the environment's time, for the age of tickets. On a device whose clock is not set the
// time since some moment, and 0 where it has not even that.
UnixTime present_time(const Environment& environment);

// The library's PSA half is started with the first context and freed with the last, so that no
// memory stays taken when no context is open.
Err acquire_psa();
void release_psa();

} // namespace ussl::mbedtls
