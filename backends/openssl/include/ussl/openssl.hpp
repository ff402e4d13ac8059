// The OpenSSL backend, as its users see it: no header of OpenSSL is needed. For hosts, with the
// OpenSSL 3 that the distribution maintains.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"

namespace ussl::openssl {

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
    .resumption = USSL_RESUMPTION != 0,
    .server_names = USSL_SERVER_NAMES != 0,
    .max_fragment_length = USSL_MAX_FRAGMENT_LENGTH != 0,
    .key_log = USSL_KEY_LOG != 0,
    .exporter = USSL_EXPORTER != 0,
    .max_rsa_bits = 16384,
};

const Backend& backend();

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
    // Asserted against the engines in the adapter. Records, keys and certificates are in OpenSSL's
    // own memory.
    static constexpr std::size_t context_size = 48 * sizeof(void*);
    static constexpr std::size_t session_size = 96 * sizeof(void*);
    static constexpr const Capabilities& capabilities = openssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return openssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::openssl
