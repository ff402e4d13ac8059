// What wolfSSL takes from outside: memory and randomness. It asks for both through global
// functions, so the adapter says on each entry on whose behalf.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

namespace ussl::wolfssl {

// Stands on the stack round every call of wolfSSL that may need randomness. May be nested: a
// callback of one session may use another.
class Entered {
public:
    explicit Entered(const Environment& environment);
    ~Entered();
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

    // What the device could not give since this object was made: no_memory, no_randomness or none.
    // wolfSSL reports such failures under many numbers.
    Err lacking() const;

private:
    const Environment* outer_environment_;
    Err outer_lacking_;
};

// The library is started with the first context and cleaned up with the last. acquire_library()
// gives what wolfSSL_Init() says.
int acquire_library();
void release_library();

} // namespace ussl::wolfssl
