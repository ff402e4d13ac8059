// The BearSSL backend for programs: needs no header of BearSSL.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/record_store.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"
#include "ussl/make_certificate.hpp"

#if !USSL_CERTIFICATES
#error "BearSSL has no pre-shared keys: a build without certificates needs another backend"
#endif

namespace ussl::bearssl {

// BearSSL 0.6 has no TLS 1.3.
inline constexpr Capabilities capabilities = within_build({
    .client = true,
    .server = true,
    .tls1_2 = true,
    .certificates = true,
    .ecdsa_p256 = true,
    .ecdsa_p384 = true,
    .rsa = true,
    .chacha20_poly1305 = true,
    .aes_ccm = true,
    .x25519 = true,
    .alpn = true,
    .client_certificates = true,
    .lenient_paths = true,
    .name_constraints = true,
    .resumption = true,
    .server_names = true,
    .sign_callback = true,
    .max_fragment_length = true,
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
    // The adapter asserts that the engines fit. Multiples of 16, so that no padding follows.
    static constexpr std::size_t context_size =
        32 + 12 * sizeof(void*) + (features::aes_ccm ? 16 : 0);
    // BearSSL's own object takes most of a session. So where memory is scarce the short buffers
    // only hold alerts, and data of 30 bytes.
    static constexpr std::size_t short_record = features::hosted ? 512 : 64;
    static constexpr std::size_t session_size =
        3104 + 164 * sizeof(void*) + (features::server ? 400 : 0) +
        (features::short_buffers ? 0 : 368) + // what surrounds the longest records
        size_in_session(USSL_RECORD_INPUT, short_record) +
        size_in_session(USSL_RECORD_OUTPUT, short_record) +
        size_in_session(USSL_FLIGHT_BUFFER, short_record);
    static constexpr const Capabilities& capabilities = bearssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return bearssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::bearssl
