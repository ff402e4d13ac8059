// The operation under way: one call of a context or a session, from its beginning to its end.
//
// Libraries ask for memory, randomness and the time through functions of the whole program, which
// do not say on whose behalf. And they report what these could not give as one of many errors, or
// not at all. Both are kept here, in one place for all backends: hooks find the environment, and
// note what was lacking; the adapter asks for it before it reads the library's number.
//
// ContextOf and SessionOf put one round each call of an engine that may come to the library. An
// engine, and what a library calls back, is always within one, and makes none itself. They nest: a
// callback may use another connection, of another backend too, whose operation ends before the
// callback returns.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstdint>

namespace ussl {

class Operation {
public:
    // On whose behalf, and what came of it; stays while the operation lasts. With a session it
    // stays from one to the next: what was lacking in an earlier one counts as met in this one.
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

    // --- Of the innermost one in this thread. Without any: null, none, and nothing is noted. ---

    static const Environment* environment();

    // The engine, for callbacks of a library that are not told the session.
    static void* session();

    // no_memory, no_randomness or signer_failed: why an operation of the library is going to fail,
    // or goes wrong without its knowing. The first one is kept.
    static void note_resource_error(Err what);
    static Err resource_error();
    static Err resource_error_or(Err otherwise) {
        const Err what = resource_error();
        return what != Err::none ? what : otherwise;
    }

    // The library's own number, for Error::library of a context or session that does not open.
    static void note_library_error(std::int32_t number);

private:
    static constinit USSL_PER_THREAD Owner* current_;

    // Before current_ is read, until it is as it was: what is not per thread is of whom has the
    // lock.
    [[no_unique_address]] const ProgramLock lock_;
    Owner* const outer_;
};

} // namespace ussl
