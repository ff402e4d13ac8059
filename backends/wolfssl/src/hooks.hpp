// What wolfSSL takes from outside: memory and randomness. It asks for both through global
// functions, so the adapter says on each entry on whose behalf.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"

namespace ussl::wolfssl {

// Of the operation under way.
struct Operation {
    const Environment* environment = nullptr;
    Err lacking = Err::none;
};
extern constinit USSL_PER_THREAD Operation operation;

// Stands on the stack round every call of wolfSSL that may need randomness. May be nested: a
// callback of one session may use another.
class Entered {
public:
    explicit Entered(const Environment& environment) : outer_(operation) {
        operation = {&environment};
    }
    ~Entered() { operation = outer_; }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

    // What the device could not give since this object was made: no_memory, no_randomness or none.
    // wolfSSL reports such failures under many numbers.
    Err lacking() const { return operation.lacking; }
    Err lacking_or(Err otherwise) const { return lacking() != Err::none ? lacking() : otherwise; }

private:
    const Operation outer_;
};

// The library is started with the first context and cleaned up with the last. acquire_library()
// gives what wolfSSL_Init() says.
int acquire_library();
void release_library();

} // namespace ussl::wolfssl
