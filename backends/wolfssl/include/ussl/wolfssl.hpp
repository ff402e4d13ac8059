// The wolfSSL backend, as its users see it: no header of wolfSSL is needed.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/growing_queue.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"

namespace ussl::wolfssl {

inline constexpr Capabilities capabilities{
    .client = USSL_CLIENT != 0,
    .server = USSL_SERVER != 0,
    .tls1_2 = true,
    .tls1_3 = USSL_TLS1_3 != 0,
    .ecdsa_p256 = true,
    .ecdsa_p384 = USSL_P384 != 0,
    .rsa = USSL_RSA != 0,
    .rsa_pss_certificates = USSL_RSA != 0,
    .chacha20_poly1305 = USSL_CHACHA20_POLY1305 != 0,
    .x25519 = USSL_X25519 != 0,
    .alpn = USSL_ALPN != 0,
    .client_certificates = USSL_CLIENT_CERTIFICATES != 0,
    .sha1_signatures = USSL_SHA1_SIGNATURES != 0,
    .lenient_paths = true,
    .name_constraints = USSL_NAME_CONSTRAINTS != 0,
    .psk = USSL_PSK != 0,
    .dtls = USSL_DTLS != 0,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    // 5.7.2 breaks off in TLS 1.2 where a server does not know a ticket any more.
    .resumption = USSL_RESUMPTION != 0,
#endif
    .server_names = USSL_SERVER_NAMES != 0,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    // 5.7.2 has no use for certificates without a key, and takes other lengths than it asked for.
    .sign_callback = USSL_SIGN_CALLBACK != 0,
    .max_fragment_length = USSL_MAX_FRAGMENT_LENGTH != 0,
#endif
    .key_log = USSL_KEY_LOG != 0,
    .exporter = USSL_EXPORTER != 0,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    .x25519mlkem768 = USSL_X25519MLKEM768 != 0 && USSL_TLS1_3 != 0,
#endif
};

const Backend& backend();

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
    // Asserted against the engines in the adapter. wolfSSL's own objects and the buffers for
    // records come from the allocator.
    static constexpr std::size_t context_size =
        32 * sizeof(void*) + (USSL_DTLS != 0 && USSL_SERVER != 0 ? 32 : 0);
    static constexpr std::size_t session_size = GrowingQueue<USSL_FLIGHT_BUFFER>::size_in_session +
                                                GrowingQueue<USSL_INPUT_BUFFER>::size_in_session +
                                                42 * sizeof(void*) + (USSL_EXPORTER != 0 ? 176 : 0);
    static constexpr const Capabilities& capabilities = wolfssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return wolfssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::wolfssl
