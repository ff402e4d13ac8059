// Rules for the peer's certificates, the same on every backend. Each can be switched off by its
// name; the others stay on. docs/verification.md says what you give up by switching each off.
#pragma once

namespace ussl {

struct Policy {
    // The server's name or address matches the certificate's subjectAltName (RFC 9525). Clients
    // only.
    bool check_identity = true;
    // Every certificate of the path is valid now, the anchor included (RFC 5280, 4.1.2.5). So is
    // the own certificate when a context that verifies is opened, if the device has the time.
    bool check_time = true;
    // Key usage of the peer's certificate, and extended key usage of every certificate of the path
    // that has one, allow this use (RFC 5280, 4.2.1.3 and 4.2.1.12).
    bool check_purpose = true;
    // RSA keys have at least 2048 bits and curves at least 256, the anchor's key included.
    bool check_key_strength = true;
    // No MD5 or SHA-1 signatures below the anchor. Switching it off allows SHA-1 and needs
    // Capabilities::sha1_signatures; MD5 is never allowed.
    bool check_signature_strength = true;
    // Issuers, the anchor included, obey basic constraints, path length, keyCertSign and name
    // constraints (RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.10). Switching it off needs
    // Capabilities::lenient_paths.
    bool check_constraints = true;
    // No unknown critical extension (RFC 5280, 4.2). Switching it off needs
    // Capabilities::lenient_paths.
    bool check_critical_extensions = true;
    // The verify callback may accept a certificate that breaks a rule. Unlike the others, true is
    // the lax setting.
    bool callback_may_accept = false;
};

} // namespace ussl
