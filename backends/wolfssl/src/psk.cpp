#include "psk.hpp"

#include "internals.hpp"

#include "ussl/backend/psk.hpp"

#include <cstring>

namespace ussl::wolfssl::psk {

#if USSL_PSK

namespace {

const Traits::ContextEngine& context_of(WOLFSSL* ssl) {
    return *static_cast<const Traits::ContextEngine*>(wolfSSL_get_psk_callback_ctx(ssl));
}

// 0: no key.
unsigned copy_key(Bytes key, unsigned char* into, unsigned room) {
    if (key.empty() || key.size() > room) return 0;
    std::memcpy(into, key.data(), key.size());
    return static_cast<unsigned>(key.size());
}

#if USSL_CLIENT
unsigned own_key(WOLFSSL* ssl, char* identity, unsigned identity_room, unsigned char* key,
                 unsigned key_room) {
    const PreSharedKey& own = context_of(ssl).psk;
    if (own.identity.size() > identity_room) return 0;
    std::memcpy(identity, own.identity.data(), own.identity.size());
    // wolfSSL's buffer has one byte more than it says.
    identity[own.identity.size()] = 0;
    return copy_key(own.key, key, key_room);
}
#endif

#if USSL_SERVER
unsigned key_of(WOLFSSL* ssl, const char* identity, unsigned char* key, unsigned room) {
    const Bytes sent = as_bytes(std::string_view(identity));
    return copy_key(find_psk(context_of(ssl).psk_callback, sent), key, room);
}
#endif

} // namespace

Err offer([[maybe_unused]] WOLFSSL_CTX* library, Traits::ContextEngine& context) {
    for (const std::uint8_t byte : context.psk.identity)
        if (byte == 0) return Err::unsupported;
#if USSL_CLIENT
    wolfSSL_CTX_set_psk_callback_ctx(library, &context);
    wolfSSL_CTX_set_psk_client_callback(
        library,
        [](WOLFSSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* key,
           unsigned key_room) -> unsigned {
            return own_key(ssl, identity, identity_room, key, key_room);
        });
#if USSL_TLS1_3
    // A key is bound to a hash, not to a suite (RFC 8446, 4.2.11): with this callback wolfSSL
    // accepts every suite with the same hash.
    wolfSSL_CTX_set_psk_client_cs_callback(
        library,
        [](WOLFSSL* ssl, const char*, char* identity, unsigned identity_room, unsigned char* key,
           unsigned key_room, const char* suite) -> unsigned {
            if (suite != internals::psk_suite(ssl)) return 0;
            return own_key(ssl, identity, identity_room, key, key_room);
        });
#endif
#endif
    return Err::none;
}

void accept([[maybe_unused]] WOLFSSL_CTX* library,
            [[maybe_unused]] Traits::ContextEngine& context) {
#if USSL_SERVER
    wolfSSL_CTX_set_psk_callback_ctx(library, &context);
    wolfSSL_CTX_set_psk_server_callback(
        library,
        [](WOLFSSL* ssl, const char* identity, unsigned char* key, unsigned room) -> unsigned {
            return key_of(ssl, identity, key, room);
        });
#if USSL_TLS1_3
    wolfSSL_CTX_set_psk_server_tls13_callback(
        library,
        [](WOLFSSL* ssl, const char* identity, unsigned char* key, unsigned room,
           const char** suite) -> unsigned {
            *suite = internals::psk_suite(ssl);
            return *suite != nullptr ? key_of(ssl, identity, key, room) : 0;
        });
#endif
#endif
}

#endif

} // namespace ussl::wolfssl::psk
