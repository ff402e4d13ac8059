// The wolfSSL backend for programs: needs no header of wolfSSL.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/record_store.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"
#include "ussl/make_certificate.hpp"

namespace ussl::wolfssl {

inline constexpr Capabilities capabilities = within_build({
    .client = true,
    .server = true,
    .tls1_2 = true,
    .certificates = true,
    .tls1_3 = true,
    .ecdsa_p256 = true,
    .ecdsa_p384 = true,
    .rsa = true,
    .rsa_pss_certificates = true,
    .rsa_pss_tls1_2 = true,
    .chacha20_poly1305 = true,
    .aes_ccm = true,
    .x25519 = true,
    .alpn = true,
    .client_certificates = true,
    .sha1_signatures = true,
    .lenient_paths = true,
    .name_constraints = true,
    .psk = true,
    .ecdhe_psk_aes = true,
    .dtls = true,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    .connection_id = true, // 5.7.2 has them in DTLS 1.3 only
    // 5.7.2 breaks off in TLS 1.2 if a server no longer knows a ticket.
    .resumption = true,
    .ticket_keys = true,
#endif
    .server_names = true,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    // 5.7.2 cannot use certificates without a key, and accepts other lengths than it asked for.
    .sign_callback = true,
    .rsa_signer_tls1_3 = true,
    .max_fragment_length = true,
    .max_fragment_length_tls1_3 = true,
#endif
    .key_log = true,
    .exporter = true,
#ifndef USSL_WOLFSSL_BEFORE_5_8
    .x25519mlkem768 = true,
#endif
});

const Backend& backend();
#if USSL_MAKE_CERTIFICATES
const P256& p256();
#endif

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
    // The adapter asserts that the engines fit. wolfSSL's own objects and the record buffers come
    // from the allocator.
    static constexpr std::size_t context_size =
        32 * sizeof(void*) + (features::dtls && features::server ? 32 : 0) +
        (features::resumption && features::server ? 112 + 8 * sizeof(void*) : 0);
    // With small pointers the other members are a larger part.
    static constexpr std::size_t more_than_pointers =
        sizeof(void*) > 4 ? 0
                          : (features::dtls ? 32 : 0) + (features::tls1_3 ? 16 : 0) +
                                (features::record_size_limit ? 8 : 0) + (features::server ? 8 : 0);
    static constexpr std::size_t session_size =
        flight_in_session + size_in_session(USSL_INPUT_BUFFER) + 44 * sizeof(void*) +
        more_than_pointers + (features::exporter ? 176 : 0);
    static constexpr const Capabilities& capabilities = wolfssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return wolfssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::wolfssl
