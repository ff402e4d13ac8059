// The current operation: one call of a context or a session.
//
// Libraries ask for memory, randomness and the time through global functions, which do not say for
// which session. If such a function fails, the library reports one of many errors, or none.
// Operation keeps both in one place for all backends: hooks find the environment here and note what
// was missing, and the adapter checks that before it reads the library's error number.
//
// ContextOf and SessionOf create an operation around each call of an engine that may reach the
// library. Engines, and callbacks from the library, always run within one and create none.
// Operations nest: a callback may use another connection, even of another backend, whose operation
// ends before the callback returns.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstdint>

namespace ussl {

class Operation {
public:
    // For whom the operation works, and what went wrong; valid as long as the operation. A session
    // uses one owner for all its operations: a shortage in an earlier one also counts in a later
    // one.
    struct Owner {
        const Environment* environment = nullptr;
        void* session = nullptr; // its engine
        Err resource_error = Err::none;
        std::int32_t library_error = 0; // 0: none was noted
    };

    explicit Operation(Owner& owner) : outer_(current_) { current_ = &owner; }
    ~Operation() { current_ = outer_; }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    // --- The innermost operation of this thread. Without one: null, none, and nothing is noted.
    // ---

    static const Environment* environment();

    // The engine, for callbacks of a library that do not get the session.
    static void* session();

    // no_memory, no_randomness or signer_failed: why the library is about to fail, or to go wrong
    // without noticing. The first one is kept.
    static void note_resource_error(Err what);
    static Err resource_error();
    static Err resource_error_or(Err otherwise) {
        const Err what = resource_error();
        return what != Err::none ? what : otherwise;
    }

    // The library's error number, for Error::library if a context or session does not open.
    static void note_library_error(std::int32_t number);

private:
    static constinit USSL_PER_THREAD Owner* current_;

    // Locks before current_ is read, until it is restored: if it is not thread-local the lock
    // protects it.
    [[no_unique_address]] const ProgramLock lock_;
    Owner* const outer_;
};

} // namespace ussl
