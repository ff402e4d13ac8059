#include "objects.hpp"

#include "ussl/connection_id.hpp"

#include <cstring>
#include <new>

using namespace ussl::c;

static_assert(sizeof(ussl::selected::Session) <= sizeof(ussl_session),
              "ussl_sizes.h is another build's");
static_assert(alignof(ussl::selected::Session) <= alignof(ussl_session));
static_assert(sizeof(ussl_peer) - offsetof(ussl_peer, ip_address) ==
              sizeof(ussl::PeerIdentity) - offsetof(ussl::PeerIdentity, ip_address));
static_assert(offsetof(ussl_peer, cookie_verified) - offsetof(ussl_peer, resumption) ==
              offsetof(ussl::PeerIdentity, cookie_verified) -
                  offsetof(ussl::PeerIdentity, resumption));
static_assert(offsetof(ussl_peer, client_id) - offsetof(ussl_peer, resumption) ==
              offsetof(ussl::PeerIdentity, client_id) - offsetof(ussl::PeerIdentity, resumption));
static_assert(offsetof(ussl_peer, connection_id) - offsetof(ussl_peer, resumption) ==
              offsetof(ussl::PeerIdentity, connection_id) -
                  offsetof(ussl::PeerIdentity, resumption));
static_assert(USSL_NO_TIMEOUT == ussl::no_timeout);
static_assert(USSL_FAILED == static_cast<int>(ussl::Status::failed));

namespace {

ussl_status to_c(ussl::Status status) { return static_cast<ussl_status>(status); }

ussl_status to_c(const ussl::IoResult& result, std::size_t* count) {
    *count = result.bytes;
    return to_c(result.status);
}

} // namespace

void ussl_session_init(ussl_session* session) { new (session) ussl::selected::Session; }

ussl_error ussl_session_open(ussl_session* session, ussl_context* context, const ussl_peer* peer) {
    ussl::PeerIdentity identity;
    if (peer != nullptr) {
        if (peer->struct_size > sizeof *peer || peer->struct_size < offsetof(ussl_peer, ip_address))
            return {USSL_ERR_INVALID_ARGUMENT, 0, 0, 0, 0};
        // From ip_address on, ussl_peer has the layout of PeerIdentity.
        std::memcpy(static_cast<void*>(&identity.ip_address), &peer->ip_address,
                    peer->struct_size - offsetof(ussl_peer, ip_address));
        identity.sni = as_text(peer->sni);
        identity.dns_name = as_text(peer->dns_name);
    }
    return to_c(session_in(session).open(context_in(context), identity));
}

void ussl_session_release(ussl_session* session) { session_in(session).release(); }

ussl_buffer ussl_session_input_space(ussl_session* session) {
    return to_c(session_in(session).input_space());
}
bool ussl_session_input_commit(ussl_session* session, size_t count) {
    return session_in(session).input_commit(count);
}
void ussl_session_input_end(ussl_session* session) { session_in(session).input_end(); }
ussl_bytes ussl_session_output(ussl_session* session) { return to_c(session_in(session).output()); }
bool ussl_session_output_consume(ussl_session* session, size_t count) {
    return session_in(session).output_consume(count);
}
void ussl_session_release_buffers(ussl_session* session) { session_in(session).release_buffers(); }

ussl_status ussl_session_handshake(ussl_session* session) {
    return to_c(session_in(session).handshake());
}
ussl_status ussl_session_read(ussl_session* session, void* into, size_t size, size_t* count) {
    return to_c(session_in(session).read({static_cast<std::uint8_t*>(into), size}), count);
}
ussl_status ussl_session_write(ussl_session* session, const void* from, size_t size,
                               size_t* count) {
    return to_c(session_in(session).write({static_cast<const std::uint8_t*>(from), size}), count);
}
ussl_status ussl_session_close(ussl_session* session) { return to_c(session_in(session).close()); }

uint32_t ussl_session_timeout(const ussl_session* session) { return session_in(session).timeout(); }
size_t ussl_session_readable(const ussl_session* session) { return session_in(session).readable(); }
bool ussl_session_can_read(const ussl_session* session) { return session_in(session).can_read(); }
bool ussl_session_is_established(const ussl_session* session) {
    return session_in(session).is_established();
}
ussl_error ussl_session_error(const ussl_session* session) {
    return to_c(session_in(session).error());
}
uint16_t ussl_session_version(const ussl_session* session) {
    return static_cast<uint16_t>(session_in(session).version());
}
uint16_t ussl_session_suite(const ussl_session* session) { return session_in(session).suite(); }
ussl_bytes ussl_session_alpn(const ussl_session* session) {
    return to_c(ussl::as_bytes(session_in(session).alpn()));
}
bool ussl_session_is_resumed(const ussl_session* session) {
    return session_in(session).is_resumed();
}
size_t ussl_session_max_fragment_length(const ussl_session* session) {
    return session_in(session).max_fragment_length();
}
ussl_bytes ussl_session_peer_certificate(const ussl_session* session) {
    return to_c(session_in(session).peer_certificate());
}
bool ussl_session_peer_restarts(const ussl_session* session) {
    return session_in(session).peer_restarts();
}
ussl_bytes ussl_session_connection_id(const ussl_session* session) {
    return to_c(session_in(session).connection_id());
}
ussl_bytes ussl_session_peer_connection_id(const ussl_session* session) {
    return to_c(session_in(session).peer_connection_id());
}
bool ussl_session_is_newest(const ussl_session* session) { return session_in(session).is_newest(); }
ussl_bytes ussl_connection_id_of(ussl_bytes datagram, size_t size) {
    return to_c(ussl::connection_id_of(as_span(datagram), size));
}

size_t ussl_session_resumption_data(ussl_session* session, void* into, size_t size) {
    return session_in(session).resumption_data({static_cast<std::uint8_t*>(into), size});
}
uint16_t ussl_session_export_keying_material(ussl_session* session, void* out, size_t size,
                                             const char* label, ussl_bytes context) {
    return static_cast<uint16_t>(session_in(session).export_keying_material(
        {static_cast<std::uint8_t*>(out), size}, as_text(label), as_span(context)));
}
