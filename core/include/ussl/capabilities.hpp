// What a build can do: asked, not tried. Each backend has one constexpr set; whatever a set
// denies is refused with Err::unsupported when a context opens with it.
#pragma once

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
    bool sha1_signatures = false; // Policy::check_signature_strength may be off
    // Policy::check_constraints and check_critical_extensions may be off: the library does not
    // insist on them itself.
    bool lenient_paths = false;
};

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
    {"sha1_signatures", &Capabilities::sha1_signatures},
    {"lenient_paths", &Capabilities::lenient_paths},
};

} // namespace ussl
