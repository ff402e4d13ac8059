// What a device provides: randomness, the time and the libraries' allocator.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/time.hpp"

namespace ussl {

// These functions may use other contexts and sessions, as callbacks may (ussl/callbacks.hpp), but
// neither the context that calls nor other sessions of it: the library may hold a lock of that
// context during the call.
struct Environment {
    // Passed to the functions below, unchanged.
    void* user = nullptr;

    // Fills `out` with cryptographically secure random bytes (from a hardware generator, getrandom
    // or a seeded DRBG). Mandatory. false: it cannot; the operation fails with Err::no_randomness.
    bool (*random)(void* user, MutableBytes out) = nullptr;

    // Stores the present time. false: the clock is not set. Null: a device without a clock. Without
    // a time certificates cannot be verified: Err::clock_not_set.
    bool (*now)(void* user, UnixTime* out) = nullptr;

    // Milliseconds since any fixed moment: never set back, but wraps. Null: no time limits and no
    // DTLS.
    std::uint32_t (*milliseconds)(void* user) = nullptr;
};

// The system's randomness and clock: getentropy(3) and time(2). On POSIX hosts only.
const Environment& posix_environment();

// The heap of the libraries that need one. `allocate` returns memory aligned as malloc's, or null
// if there is none: then the operation fails with Err::no_memory. `release` accepts null.
struct Allocator {
    void* (*allocate)(std::size_t size);
    void (*release)(void* memory);
};

// One allocator serves all contexts of a program, for some libraries know only one. Set it
// before the first context opens; it must not change while one is open. The default is
// malloc/free where the program links them (USSL_NO_MALLOC: there is none, and one must be set).
void set_allocator(const Allocator& allocator);
const Allocator& allocator();

// Memory for records, if it is not to come from that allocator: sessions with short buffers
// (USSL_SHORT_BUFFERS) take a block while a long record, or a flight of the handshake, is on its
// way. ussl/record_pool.hpp has a fixed number of them. The same rules.
void set_record_allocator(const Allocator& allocator);

// Call the allocators' functions.
void* allocate(std::size_t size);
void release(void* memory);
void* allocate_record(std::size_t size);
void release_record(void* memory);

#if USSL_LOCKS
// A recursive mutex of an RTOS, for programs with tasks and without POSIX: one for all contexts.
// Each call of a context or session holds it while it works, but not while a transport moves bytes.
// A task that holds it may lock it again, as callbacks may use other sessions. Callbacks are called
// with the mutex held; the environment's functions and the allocator are called with and without
// it.
//
// With it several tasks may use the sessions of one context, as ussl/context.hpp says. Their
// computations run one after the other, even on several cores.
struct Locks {
    void* user = nullptr; // passed to the functions
    void (*lock)(void* user) = nullptr;
    void (*unlock)(void* user) = nullptr;
};

// Call it before the first context opens, with both functions. Before that nothing is locked.
void set_locks(const Locks& locks);
#endif

} // namespace ussl
