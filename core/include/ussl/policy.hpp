// Rules on certificates that hold on every backend, each of which can be switched off alone.
#pragma once

namespace ussl {

struct Policy {
    // Server's name or address against the certificate's SANs (RFC 9525). Clients only.
    bool check_identity = true;
    // Validity of every certificate on the path, the anchor's included (RFC 5280, 4.1.2.5).
    bool check_time = true;
    // Key usage and extended key usage of the leaf (RFC 5280, 4.2.1.3 and 4.2.1.12).
    bool check_purpose = true;
    // RSA of at least 2048 bits, no MD5 or SHA-1 signature below the anchor.
    bool check_strength = true;
};

} // namespace ussl
