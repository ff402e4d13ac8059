// What adapters need where several threads may use a backend at once (ussl/context.hpp has the
// rules). Where there is one thread all of it is nothing, at no cost.
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

// Holds the program's lock (ussl::set_locks()) to the end of the scope. It may be held already.
class ProgramLock {
public:
#if USSL_LOCKS
    ProgramLock() { lock(); }
    ~ProgramLock() { unlock(); }
    static void lock();
    static void unlock();
#else
    ProgramLock() {} // a constructor, so that one that does nothing is not unused
#endif
    ProgramLock(const ProgramLock&) = delete;
    ProgramLock& operator=(const ProgramLock&) = delete;
};

// Owns nothing: it may lie in static memory, and need not be destroyed.
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

// Holds a mutex to the end of the scope.
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
