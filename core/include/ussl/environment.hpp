// What a device gives to TLS: randomness and the time. And the allocator of the libraries.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/time.hpp"

namespace ussl {

// These functions may use other contexts and sessions, as callbacks may (ussl/callbacks.hpp), but
// not the context that calls, nor further sessions of it: the library may hold a lock of the
// context while it calls them.
struct Environment {
    // Handed to the functions below, untouched.
    void* user = nullptr;

    // Fills `out` with bytes fit for keys (a hardware generator, getrandom, a seeded DRBG). Returns
    // false when it cannot: the operation then fails with Err::no_randomness, it never goes on
    // with weaker bytes. Mandatory.
    bool (*random)(void* user, MutableBytes out) = nullptr;

    // Stores the present time; returns false when the clock is not set. May be null on a device
    // without a clock. Without a time, certificates cannot be checked: Err::clock_not_set.
    bool (*now)(void* user, UnixTime* out) = nullptr;

    // Milliseconds since some moment, never set back; wraps. May be null: then there are no time
    // limits and no DTLS.
    std::uint32_t (*milliseconds)(void* user) = nullptr;
};

// The system's randomness and clock: getentropy(3) and time(2). Present on POSIX hosts only.
const Environment& posix_environment();

// Where libraries that need a heap get it. `allocate` returns memory aligned like malloc's, or null
// when there is none (the operation then fails with Err::no_memory); `release` accepts null.
struct Allocator {
    void* (*allocate)(std::size_t size);
    void (*release)(void* memory);
};

// One allocator serves all contexts of a program, for some libraries know only one. Set it
// before the first context opens; it must not change while one is open. The default is
// malloc/free where the program links them (USSL_NO_MALLOC: there is none, and one must be set).
void set_allocator(const Allocator& allocator);
const Allocator& allocator();

// From the allocator that is set, and back to it.
void* allocate(std::size_t size);
void release(void* memory);

#if USSL_LOCKS
// A lock of the program's, where there are tasks and no POSIX below: an RTOS's recursive mutex. One
// for all contexts; held by each call of a context or a session while it works, and not while a
// transport moves bytes. A task that has it may take it again: callbacks may use other sessions.
// Callbacks are called while it is held, the environment's functions and the allocator also while
// it is not. Then sessions of one context may be used by several tasks, as
// ussl/context.hpp says. Tasks that reckon at once wait for each other, on several cores, too.
struct Locks {
    void* user = nullptr; // handed to the functions
    void (*lock)(void* user) = nullptr;
    void (*unlock)(void* user) = nullptr;
};

// Before the first context opens; with no function null. Until then nothing is locked.
void set_locks(const Locks& locks);
#endif

} // namespace ussl
