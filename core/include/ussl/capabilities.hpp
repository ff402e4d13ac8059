// What a build can do: asked, not tried. Each backend has one constexpr set; whatever a set
// denies is refused with Err::unsupported when a context opens with it.
#pragma once

#include "ussl/features.hpp"

#include <cstdint>
#include <string_view>

namespace ussl {

struct Capabilities {
    bool client;
    bool server;
    bool tls1_2;
    bool tls1_3;
    bool ecdsa_p256; // keys and certificates on secp256r1
    bool ecdsa_p384;
    bool rsa;                  // RSA keys and certificates, PKCS#1 v1.5 signatures
    bool rsa_pss_certificates; // certificates signed with RSASSA-PSS (RFC 8017, 8.1)
    bool chacha20_poly1305;
    bool x25519;
    bool alpn;
    bool client_certificates;
    bool verification = USSL_VERIFICATION != 0; // of certificates: else Verify::none only
    bool pins = USSL_PINS != 0 && USSL_VERIFICATION != 0;
    bool verify_callback = USSL_VERIFY_CALLBACK != 0 && USSL_VERIFICATION != 0;
    bool handshake_timeout = USSL_HANDSHAKE_TIMEOUT != 0;
    bool sha1_signatures = false; // Policy::check_signature_strength may be off
    // Policy::check_constraints and check_critical_extensions may be off: the library does not
    // insist on them itself.
    bool lenient_paths = false;
    bool name_constraints = false; // RFC 5280, 4.2.1.10: enforced; else refused as unsupported
    bool psk = false;              // pre-shared keys, both roles
    bool dtls = false;             // DTLS 1.2, both roles
    bool resumption = false;
    bool server_names = false;  // several credentials, chosen by SNI
    bool sign_callback = false; // Credential::signer
    bool max_fragment_length = false;
    bool key_log = false;
    bool exporter = false;             // RFC 5705; RFC 8446, 7.5
    bool x25519mlkem768 = false;       // hybrid post-quantum key exchange in TLS 1.3
    std::uint16_t max_rsa_bits = 4096; // of keys of peers and issuers: longer ones are unsupported
};

// Whether anybody could give an own certificate. Where not, what reads private keys is not linked.
constexpr bool takes_credentials(const Capabilities& can) {
    return can.server || can.client_certificates;
}

// A name and a value for each member, in one place, for tables and for the HAS_* constants.
struct CapabilityName {
    std::string_view name; // "tls1_3"
    bool Capabilities::*member;
};
inline constexpr CapabilityName capability_names[] = {
    {"client", &Capabilities::client},
    {"server", &Capabilities::server},
    {"tls1_2", &Capabilities::tls1_2},
    {"tls1_3", &Capabilities::tls1_3},
    {"ecdsa_p256", &Capabilities::ecdsa_p256},
    {"ecdsa_p384", &Capabilities::ecdsa_p384},
    {"rsa", &Capabilities::rsa},
    {"rsa_pss_certificates", &Capabilities::rsa_pss_certificates},
    {"chacha20_poly1305", &Capabilities::chacha20_poly1305},
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
    {"dtls", &Capabilities::dtls},
    {"resumption", &Capabilities::resumption},
    {"server_names", &Capabilities::server_names},
    {"sign_callback", &Capabilities::sign_callback},
    {"max_fragment_length", &Capabilities::max_fragment_length},
    {"key_log", &Capabilities::key_log},
    {"exporter", &Capabilities::exporter},
    {"x25519mlkem768", &Capabilities::x25519mlkem768},
};

} // namespace ussl
