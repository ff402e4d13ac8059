// Never linked: tools/c-sizes reads the numbers out of what the compiler makes of it.
#define USSL_CONTEXT_SIZE 1
#define USSL_SESSION_SIZE 1
#include "objects.hpp"

void sizes() {
    asm volatile("-> USSL_CONTEXT_SIZE %c0"
                 :
                 : "i"(sizeof(ussl::c::ContextObject<ussl::selected::Context>)));
    asm volatile("-> USSL_SESSION_SIZE %c0" : : "i"(sizeof(ussl::selected::Session)));
}
