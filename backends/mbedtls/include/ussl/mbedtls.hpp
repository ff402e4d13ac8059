// The mbedTLS backend for programs: needs no header of mbedTLS.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/record_store.hpp"
#include "ussl/backend/session_of.hpp"
#include "ussl/features.hpp"
#include "ussl/make_certificate.hpp"

namespace ussl::mbedtls {

// A system's Mbed TLS parses a peer's certificates itself, and refuses some before the rules see
// them.
#ifdef USSL_MBEDTLS_READS_CERTIFICATES
inline constexpr bool reads_certificates = true;
#else
inline constexpr bool reads_certificates = false;
#endif

inline constexpr Capabilities capabilities = within_build({
    .client = true,
    .server = true,
    .tls1_2 = true,
    .certificates = true,
    .tls1_3 = true,
    .ecdsa_p256 = true,
    .ecdsa_p384 = true,
    .rsa = true,
    // TLS 1.3 needs RSASSA-PSS for RSA anyway; without it the code is left out.
    .rsa_pss_certificates = features::tls1_3,
    .rsa_pss_tls1_2 = features::tls1_3,
    .chacha20_poly1305 = true,
    .aes_ccm = true,
    // TLS 1.3 clients send an X25519 key share first: a server without it costs them a round trip.
    .x25519 = features::tls1_3,
    .alpn = true,
    .client_certificates = true,
    .sha1_signatures = true,
    .lenient_paths = !reads_certificates,
    .name_constraints = !reads_certificates,
    .psk = true,
    .ecdhe_psk_aes = !reads_certificates, // amended/ssl_ciphersuites.c
    .dtls = true,
    .connection_id = !reads_certificates, // a system's library is asked for none
    .resumption = true,
    .ticket_keys = true,
    .server_names = true,
    // No rsa_signer_tls1_3: the library lets others make RSA signatures in TLS 1.2 only.
    .sign_callback = true,
    // No max_fragment_length_tls1_3: the library has the extension in TLS 1.2 only.
    .max_fragment_length = true,
    // In its own hellos: see amended/.
    .record_size_limit = !reads_certificates,
    .key_log = true,
    .exporter = true,
});

const Backend& backend();
#if USSL_MAKE_CERTIFICATES
const P256& p256();
#endif

constexpr std::size_t pointers(std::size_t count) { return count * sizeof(void*); }
constexpr std::size_t with(bool feature, std::size_t size) { return feature ? size : 0; }

struct Traits {
    struct ContextEngine;
    struct SessionEngine;
#if USSL_SHORT_BUFFERS
    // Enough for an idle session.
    static constexpr std::size_t short_record = features::hosted ? 480 : 256;
    static constexpr std::size_t short_records = 2 * (short_record + 6 * sizeof(void*));
#else
    static constexpr std::size_t short_records = pointers(2);
#endif
    // Hosts save reads.
    static constexpr std::size_t short_reads =
        features::hosted ? USSL_INPUT_BUFFER : size_in_session(USSL_INPUT_BUFFER);
    static constexpr std::size_t ticket_keys_size =
        features::resumption && features::server ? 96 + 8 * sizeof(void*) : 0;
    // The adapter asserts that the engines fit. Larger things (records, certificates, keys) are
    // allocated by the library.
    static constexpr std::size_t context_size =
        40 + pointers(27) + with(features::server, pointers(9)) +
        with(features::client_certificates, pointers(8)) + with(features::psk, pointers(6)) +
        with(features::resumption, pointers(5)) + with(features::alpn, pointers(3)) +
        with(features::key_log, pointers(2)) + with(features::p384, 20) + with(features::rsa, 20) +
        with(features::chacha20_poly1305, 20) + with(features::tls1_3, 20) +
        with(features::aes_ccm, 32) + with(features::dtls, 8) +
        with(features::dtls && features::server, 72) + with(features::connection_id, 8) +
        with(features::hosted, 40) + ticket_keys_size + USSL_EXTRA_SIZE;
    // The library's structure has the own one.
    static constexpr std::size_t connection_id_size =
        with(features::connection_id, max_connection_id + pointers(4));
    static constexpr std::size_t session_size =
        168 + pointers(54) + with(features::client_certificates, 8 + pointers(3)) +
        with(features::tls1_3, 24 + pointers(2)) + with(features::dtls, 48 + pointers(2)) +
        with(features::rsa, 8) + with(features::alpn, 8) + with(features::max_fragment_length, 8) +
        with(features::resumption, 8) + with(features::resumption && features::server, 40) +
        with(features::record_size_limit, 8 + with(features::tls1_3, pointers(3))) +
        connection_id_size + flight_in_session + short_reads + short_records + USSL_EXTRA_SIZE;
    static constexpr const Capabilities& capabilities = mbedtls::capabilities;
    static std::span<const std::uint16_t> suites();
    static const Backend& backend() { return mbedtls::backend(); }
};

using Context = ContextOf<Traits>;
using Session = SessionOf<Traits>;

} // namespace ussl::mbedtls
