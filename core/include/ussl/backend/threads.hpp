// What adapters need if several threads may use a backend at once (ussl/context.hpp has the rules).
// In builds for one thread it is empty.
#pragma once

#include "ussl/features.hpp"

#if USSL_HOSTED
#define USSL_THREADS 1
#define USSL_PER_THREAD thread_local
#include <pthread.h>
#else
#define USSL_THREADS 0
#define USSL_PER_THREAD
#endif

namespace ussl {

// Holds the program's lock (ussl::set_locks()) until the end of the scope. The thread may hold it
// already.
class ProgramLock {
public:
#if USSL_LOCKS
    ProgramLock() { lock(); }
    ~ProgramLock() { unlock(); }
    static void lock();
    static void unlock();
#else
    ProgramLock() {} // a constructor avoids the warning about unused variables
#endif
    ProgramLock(const ProgramLock&) = delete;
    ProgramLock& operator=(const ProgramLock&) = delete;
};

// Owns nothing: it may lie in static memory, and needs no destructor.
class Mutex {
public:
    constexpr Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

#if USSL_THREADS
    void lock() { pthread_mutex_lock(&mutex_); }
    void unlock() { pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
#elif USSL_LOCKS
    void lock() { ProgramLock::lock(); }
    void unlock() { ProgramLock::unlock(); }
#else
    void lock() {}
    void unlock() {}
#endif
};

// Holds a mutex until the end of the scope.
class Locked {
public:
    explicit Locked(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;
    ~Locked() { mutex_.unlock(); }

private:
    Mutex& mutex_;
};

} // namespace ussl
