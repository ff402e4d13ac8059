// Never linked: tools/c-sizes reads the numbers from the compiler's output.
#define USSL_CONTEXT_SIZE 1
#define USSL_SESSION_SIZE 1
#define USSL_LISTENER_SIZE 1
#define USSL_HELLO_PIECES_SIZE 1
#include "objects.hpp"

#include "ussl/datagram_listener.hpp"

// Aligned, for instructions follow.
#define USSL_TELL(name, type)                                                                      \
    asm volatile(".ascii \"-> " name " %c0\"\n\t.balign 4" : : "i"(sizeof(type)))

void sizes() {
    USSL_TELL("USSL_CONTEXT_SIZE", ussl::c::ContextObject<ussl::selected::Context>);
    USSL_TELL("USSL_SESSION_SIZE", ussl::selected::Session);
#if USSL_DTLS && USSL_SERVER
    USSL_TELL("USSL_LISTENER_SIZE", ussl::DatagramListener);
    USSL_TELL("USSL_HELLO_PIECES_SIZE", ussl::DatagramListener::Pieces);
#else
    USSL_TELL("USSL_LISTENER_SIZE", char);
    USSL_TELL("USSL_HELLO_PIECES_SIZE", char);
#endif
}
