#include "objects.hpp"

#include "ussl/datagram_listener.hpp"

#include <new>

#if USSL_DTLS && USSL_SERVER

using namespace ussl::c;
using ussl::DatagramListener;

namespace {

static_assert(sizeof(DatagramListener) <= sizeof(ussl_listener));
static_assert(alignof(DatagramListener) <= alignof(ussl_listener));
static_assert(sizeof(DatagramListener::Pieces) == sizeof(ussl_hello_pieces));
static_assert(alignof(DatagramListener::Pieces) <= alignof(ussl_hello_pieces));
static_assert(USSL_LISTENER_ACCEPT == static_cast<int>(DatagramListener::Action::accept));

DatagramListener& of(ussl_listener* storage) {
    return *reinterpret_cast<DatagramListener*>(storage);
}
const DatagramListener& of(const ussl_listener* storage) {
    return *reinterpret_cast<const DatagramListener*>(storage);
}

} // namespace

void ussl_listener_init(ussl_listener* listener) { new (listener) DatagramListener; }
uint16_t ussl_listener_open(ussl_listener* listener, const ussl_environment* environment,
                            ussl_hello_pieces* pieces, size_t piece_count) {
    return static_cast<uint16_t>(
        of(listener).open(ussl::selected::backend(), *as<const ussl::Environment*>(environment),
                          {as<DatagramListener::Pieces*>(pieces), piece_count}));
}
void ussl_listener_close(ussl_listener* listener) { of(listener).close(); }
ussl_listener_action ussl_listener_receive(ussl_listener* listener, ussl_bytes datagram,
                                           ussl_bytes client_id) {
    return static_cast<ussl_listener_action>(
        of(listener).receive(as_span(datagram), as_span(client_id)));
}
ussl_bytes ussl_listener_answer(const ussl_listener* listener) {
    return to_c(of(listener).answer());
}
ussl_bytes ussl_listener_hello(const ussl_listener* listener) { return to_c(of(listener).hello()); }
ussl_bytes ussl_listener_random(const ussl_listener* listener) {
    return to_c(of(listener).random());
}

#endif
