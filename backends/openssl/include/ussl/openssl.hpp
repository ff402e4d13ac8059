// The OpenSSL backend for programs: needs no header of OpenSSL. For hosts, with the distribution's
// OpenSSL 3.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/record_store.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"
#include "ussl/make_certificate.hpp"

#if !USSL_CERTIFICATES
#error "OpenSSL has no ECDHE-PSK with AES-GCM: a build without certificates needs another backend"
#endif

namespace ussl::openssl {

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
    .resumption = true,
    .ticket_keys = true,
    .server_names = true,
    .max_fragment_length = true,
    .max_fragment_length_tls1_3 = true,
    .record_size_limit = true,
    .key_log = true,
    .exporter = true,
});

const Backend& backend();
#if USSL_MAKE_CERTIFICATES
const P256& p256();
#endif

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
    // The adapter asserts that the engines fit. Keys and certificates are in OpenSSL's own memory,
    // long records in allocated blocks.
    static constexpr std::size_t context_size = 72 * sizeof(void*);
    static constexpr std::size_t session_size =
        98 * sizeof(void*) + flight_in_session + size_in_session(USSL_INPUT_BUFFER);
    static constexpr const Capabilities& capabilities = openssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return openssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::openssl
