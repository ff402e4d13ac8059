// Rules on the peer's certificates that hold on every backend. Each can be switched off, alone and
// by its name, and then only that rule is off. docs/verification.md says what each costs and asks.
#pragma once

namespace ussl {

struct Policy {
    // Server's name or address against the certificate's SANs (RFC 9525). Clients only.
    bool check_identity = true;
    // Validity of every certificate on the path, the anchor's included (RFC 5280, 4.1.2.5). Also of
    // the own one, when a context that verifies opens on a device that knows the time.
    bool check_time = true;
    // Key usage of the leaf, and extended key usage of every certificate on the path that has one
    // (RFC 5280, 4.2.1.3 and 4.2.1.12).
    bool check_purpose = true;
    // RSA of at least 2048 bits, curves of at least 256; the anchor's key included.
    bool check_key_strength = true;
    // No MD5 or SHA-1 signature below the anchor. Off only where Capabilities::sha1_signatures says
    // that SHA-1 can be checked at all; MD5 never can.
    bool check_signature_strength = true;
    // Issuers, the anchor included: basic constraints, path length, keyCertSign; name
    // constraints (RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.10).
    // Off only where Capabilities::lenient_paths says that the library does not insist itself.
    bool check_constraints = true;
    // No critical extension that nobody here knows (RFC 5280, 4.2). Off as check_constraints.
    bool check_critical_extensions = true;
    // The verify callback may accept what a rule has refused. The one member that loosens when set.
    bool callback_may_accept = false;
};

} // namespace ussl
