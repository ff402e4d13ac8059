// What a build can do. Each backend has one constexpr set of capabilities. Opening a context with a
// setting that needs a missing one gives Err::unsupported.
#pragma once

#include "ussl/features.hpp"

#include <cstdint>
#include <string_view>

namespace ussl {

// clang-format off
struct Capabilities {
    // Written by tools/switches: members.
    // Client role.
    bool client = false;
    // Server role.
    bool server = false;
    // TLS 1.2.
    bool tls1_2 = false;
    // X.509 certificates; own ones and the peer's. Off: both ends have a pre-shared key.
    bool certificates = features::certificates;
    // TLS 1.3; if the library has it. TLS 1.2 is always included.
    bool tls1_3 = false;
    // ECDSA P-256 certificates; keys and certificates on secp256r1.
    bool ecdsa_p256 = false;
    // ECDSA P-384 certificates; the curve secp384r1 and SHA-384. secp256r1 is always included.
    bool ecdsa_p384 = false;
    // RSA certificates; keys as well, and signatures of PKCS#1 v1.5.
    bool rsa = false;
    // Certificates signed with RSASSA-PSS; RFC 8017, 8.1.
    bool rsa_pss_certificates = false;
    // RSASSA-PSS in handshakes of TLS 1.2; RFC 8446, 4.2.3. TLS 1.3 always has it.
    bool rsa_pss_tls1_2 = false;
    // ChaCha20-Poly1305 suites; AES-GCM is always included.
    bool chacha20_poly1305 = false;
    // AES-CCM suites; with AES-128, and with tags of 16 or of 8 bytes (RFC 6655, RFC 7251, RFC
    // 8442, RFC 8446), for small devices.
    bool aes_ccm = false;
    // X25519 key exchange; if the library has it in this configuration.
    bool x25519 = false;
    // ALPN; RFC 7301.
    bool alpn = false;
    // Client certificates, both roles; servers ask for them, clients send them.
    bool client_certificates = false;
    // Certificates verified; by rules for path and identity. Off: Verify::none only.
    bool verification = features::verification && features::certificates;
    // Pinned keys; the peer's or its issuers'.
    bool pins = features::pins && features::verification;
    // Verify callback; the program makes the final decision on the peer's certificates.
    bool verify_callback = features::verify_callback && features::verification;
    // Time limit of the handshake.
    bool handshake_timeout = features::handshake_timeout;
    // SHA-1 signatures, if a policy allows them; Policy::check_signature_strength may be off.
    bool sha1_signatures = false;
    // Constraints and critical extensions can be ignored; Policy::check_constraints and
    // check_critical_extensions may be off: the library does not check them itself.
    bool lenient_paths = false;
    // Name constraints enforced (else refused); RFC 5280, 4.2.1.10.
    bool name_constraints = false;
    // Pre-shared keys; both roles.
    bool psk = false;
    // ECDHE-PSK suites with AES; those of RFC 8442.
    bool ecdhe_psk_aes = false;
    // DTLS 1.2; both roles.
    bool dtls = false;
    // DTLS connection IDs (RFC 9146); a client whose address changes keeps its session.
    bool connection_id = false;
    // Session resumption; by tickets, or session IDs.
    bool resumption = false;
    // Ticket keys that servers share; RFC 5077, if the server has tickets.
    bool ticket_keys = false;
    // Several server certificates, by SNI.
    bool server_names = false;
    // Private keys kept elsewhere (sign_callback); Credential::signer.
    bool sign_callback = false;
    // RSA keys kept elsewhere, also in TLS 1.3.
    bool rsa_signer_tls1_3 = false;
    // Keys and certificates made on the device; self-signed, or requests for an authority, on
    // secp256r1.
    bool make_certificates = features::make_certificates && features::certificates;
    // Maximum fragment length (RFC 6066).
    bool max_fragment_length = false;
    // Maximum fragment length, also in TLS 1.3.
    bool max_fragment_length_tls1_3 = false;
    // Record size limit (RFC 8449).
    bool record_size_limit = false;
    // Key log; passes session secrets to a callback: for hosts.
    bool key_log = false;
    // Keying material exporter (RFC 5705); RFC 8446, 7.5 in TLS 1.3.
    bool exporter = false;
    // X25519MLKEM768 (hybrid post-quantum); key exchange in TLS 1.3.
    bool x25519mlkem768 = false;
    // End of what tools/switches writes.
};

// The capabilities of a library that remain with the switches of this build.
constexpr Capabilities within_build(const Capabilities& can) {
    return {
        // Written by tools/switches: within build.
        .client = features::client && can.client,
        .server = features::server && can.server,
        .tls1_2 = can.tls1_2,
        .certificates = features::certificates && can.certificates,
        .tls1_3 = features::tls1_3 && features::certificates && can.tls1_3,
        .ecdsa_p256 = features::certificates && can.ecdsa_p256,
        .ecdsa_p384 = features::p384 && features::certificates && can.ecdsa_p384,
        .rsa = features::rsa && features::certificates && can.rsa,
        .rsa_pss_certificates = features::rsa && can.rsa_pss_certificates,
        .rsa_pss_tls1_2 = features::rsa && can.rsa_pss_tls1_2,
        .chacha20_poly1305 = features::chacha20_poly1305 && can.chacha20_poly1305,
        .aes_ccm = features::aes_ccm && can.aes_ccm,
        .x25519 = features::x25519 && can.x25519,
        .alpn = features::alpn && can.alpn,
        .client_certificates = features::client_certificates && features::certificates && can.client_certificates,
        .verification = features::verification && features::certificates && can.verification,
        .pins = features::pins && features::verification && can.pins,
        .verify_callback = features::verify_callback && features::verification && can.verify_callback,
        .handshake_timeout = features::handshake_timeout && can.handshake_timeout,
        .sha1_signatures = features::sha1_signatures && features::certificates && can.sha1_signatures,
        .lenient_paths = features::certificates && can.lenient_paths,
        .name_constraints = features::name_constraints && features::certificates && can.name_constraints,
        .psk = features::psk && can.psk,
        .ecdhe_psk_aes = features::ecdhe_psk && can.ecdhe_psk_aes,
        .dtls = features::dtls && can.dtls,
        .connection_id = features::connection_id && features::dtls && can.connection_id,
        .resumption = features::resumption && can.resumption,
        .ticket_keys = features::resumption && features::server && can.ticket_keys,
        .server_names = features::server_names && features::certificates && can.server_names,
        .sign_callback = features::sign_callback && features::certificates && can.sign_callback,
        .rsa_signer_tls1_3 = features::sign_callback && features::rsa && features::tls1_3 && can.rsa_signer_tls1_3,
        .make_certificates = features::make_certificates && features::certificates && can.make_certificates,
        .max_fragment_length = features::max_fragment_length && can.max_fragment_length,
        .max_fragment_length_tls1_3 = features::max_fragment_length && features::tls1_3 && can.max_fragment_length_tls1_3,
        .record_size_limit = features::record_size_limit && can.record_size_limit,
        .key_log = features::key_log && can.key_log,
        .exporter = features::exporter && can.exporter,
        .x25519mlkem768 = features::x25519mlkem768 && features::tls1_3 && features::x25519 && can.x25519mlkem768,
        // End of what tools/switches writes.
    };
}
// clang-format on

// Whether the build can use own credentials. If not, the code that reads private keys is not
// linked.
constexpr bool takes_credentials(const Capabilities& can) {
    return can.certificates && (can.server || can.client_certificates);
}

// Name and member of each capability, for tables and for the HAS_* constants.
struct CapabilityName {
    std::string_view name; // "tls1_3"
    bool Capabilities::*member;
};
inline constexpr CapabilityName capability_names[] = {
    // Written by tools/switches: capability names.
    {"client", &Capabilities::client},
    {"server", &Capabilities::server},
    {"tls1_2", &Capabilities::tls1_2},
    {"certificates", &Capabilities::certificates},
    {"tls1_3", &Capabilities::tls1_3},
    {"ecdsa_p256", &Capabilities::ecdsa_p256},
    {"ecdsa_p384", &Capabilities::ecdsa_p384},
    {"rsa", &Capabilities::rsa},
    {"rsa_pss_certificates", &Capabilities::rsa_pss_certificates},
    {"rsa_pss_tls1_2", &Capabilities::rsa_pss_tls1_2},
    {"chacha20_poly1305", &Capabilities::chacha20_poly1305},
    {"aes_ccm", &Capabilities::aes_ccm},
    {"x25519", &Capabilities::x25519},
    {"alpn", &Capabilities::alpn},
    {"client_certificates", &Capabilities::client_certificates},
    {"verification", &Capabilities::verification},
    {"pins", &Capabilities::pins},
    {"verify_callback", &Capabilities::verify_callback},
    {"handshake_timeout", &Capabilities::handshake_timeout},
    {"sha1_signatures", &Capabilities::sha1_signatures},
    {"lenient_paths", &Capabilities::lenient_paths},
    {"name_constraints", &Capabilities::name_constraints},
    {"psk", &Capabilities::psk},
    {"ecdhe_psk_aes", &Capabilities::ecdhe_psk_aes},
    {"dtls", &Capabilities::dtls},
    {"connection_id", &Capabilities::connection_id},
    {"resumption", &Capabilities::resumption},
    {"ticket_keys", &Capabilities::ticket_keys},
    {"server_names", &Capabilities::server_names},
    {"sign_callback", &Capabilities::sign_callback},
    {"rsa_signer_tls1_3", &Capabilities::rsa_signer_tls1_3},
    {"make_certificates", &Capabilities::make_certificates},
    {"max_fragment_length", &Capabilities::max_fragment_length},
    {"max_fragment_length_tls1_3", &Capabilities::max_fragment_length_tls1_3},
    {"record_size_limit", &Capabilities::record_size_limit},
    {"key_log", &Capabilities::key_log},
    {"exporter", &Capabilities::exporter},
    {"x25519mlkem768", &Capabilities::x25519mlkem768},
    // End of what tools/switches writes.
};

} // namespace ussl
