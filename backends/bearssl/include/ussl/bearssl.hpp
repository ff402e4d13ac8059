// The BearSSL backend, as its users see it: no header of BearSSL is needed.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/flight_queue.hpp"
#include "ussl/backend/record_buffer.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"

namespace ussl::bearssl {

// BearSSL 0.6 ends at TLS 1.2.
inline constexpr Capabilities capabilities{
    .client = USSL_CLIENT != 0,
    .server = USSL_SERVER != 0,
    .tls1_2 = true,
    .tls1_3 = false,
    .ecdsa_p256 = true,
    .ecdsa_p384 = USSL_P384 != 0,
    .rsa = USSL_RSA != 0,
    .rsa_pss_certificates = false,
    .chacha20_poly1305 = USSL_CHACHA20_POLY1305 != 0,
    // Its code for one curve alone is for secp256r1.
    .x25519 = USSL_P384 != 0 || USSL_X25519 != 0,
    .alpn = USSL_ALPN != 0,
    .client_certificates = USSL_CLIENT_CERTIFICATES != 0,
    .lenient_paths = true,
    .name_constraints = USSL_NAME_CONSTRAINTS != 0,
    .resumption = USSL_RESUMPTION != 0,
    .server_names = USSL_SERVER_NAMES != 0,
    .sign_callback = USSL_SIGN_CALLBACK != 0,
    .max_fragment_length = USSL_MAX_FRAGMENT_LENGTH != 0,
    .key_log = USSL_KEY_LOG != 0,
    .exporter = USSL_EXPORTER != 0,
};

const Backend& backend();

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
    // Asserted against the engines in the adapter. Multiples of 16, so that no padding follows.
    static constexpr std::size_t context_size = 14 * sizeof(void*);
    static constexpr std::size_t session_size = 3840 + 158 * sizeof(void*) +
                                                RecordBuffer<USSL_RECORD_INPUT>::size_in_session +
                                                RecordBuffer<USSL_RECORD_OUTPUT>::size_in_session +
                                                FlightQueue<USSL_FLIGHT_BUFFER>::size_in_session;
    static constexpr const Capabilities& capabilities = bearssl::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return bearssl::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::bearssl
