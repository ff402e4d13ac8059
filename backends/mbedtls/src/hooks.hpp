// What the library calls wherever it is: memory, randomness and the time. The first two say only
// "failed" to the library, whose error numbers do not always tell why an operation failed. So
// failures are noted here.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::mbedtls {

// To be called before each operation of the library: names the environment that its PSA half takes
// randomness from (there is one PSA in a program, without a context) and the library the time, and
// forgets earlier failures.
void begin_operation(const Environment& environment);

// Err::no_randomness, Err::no_memory or Err::signer_failed: what the first hook that failed since
// begin_operation() had for a reason; else Err::none.
Err hook_failure();

// Credential::signer gave no signature.
void note_signer_failure();

// The library's number for a failure of the operation; 0: there was none.
void note_library_error(int number);
std::int32_t library_error();

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
