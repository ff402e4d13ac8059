// Session tickets of a server (RFC 5077; RFC 8446, 4.6.1): all that it must know of a session lies
// encrypted with the client, and nothing here but a key.
//
// Only sessions whose peer this context, or one with the same keys and rules, has verified can be
// resumed (ussl/backend/ticket_keys.hpp).
#pragma once

#include "ussl/backend/ticket_keys.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"

#include "ussl/mbedtls.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

#if USSL_RESUMPTION && USSL_SERVER

class Tickets {
public:
    // Has the library use them.
    Err start(mbedtls_ssl_config& settings, const ContextConfig& config,
              const Environment& environment);

    // The name that a client asked for, which its ticket is bound to (RFC 6066, 3): as a digest.
    using Name = std::uint8_t[32];

    // To be called when the library has read a ClientHello of this session.
    static void see_client_hello(Traits::SessionEngine& session);

private:
    static int write(void* self, const mbedtls_ssl_session* session, unsigned char* start,
                     const unsigned char* end, std::size_t* size, std::uint32_t* lifetime);
    static int parse(void* self, mbedtls_ssl_session* session, unsigned char* ticket,
                     std::size_t size);

    const Environment* environment_ = nullptr;
    TicketKeys keys_; // of each secret the first half is used, with AES-128-GCM
};

#endif

} // namespace ussl::mbedtls
