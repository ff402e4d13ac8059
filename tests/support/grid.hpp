// The tables that a backend's tests range over.
#pragma once

#include "support/backends.hpp"

#include <vector>

namespace ussl::test {

inline std::vector<Version> versions_of(const BackendUnderTest& backend) {
    std::vector<Version> versions;
    if (backend.can().tls1_2) versions.push_back(Version::tls1_2);
    if (backend.can().tls1_3) versions.push_back(Version::tls1_3);
    return versions;
}

// Those leaves of make.py whose keys the backend supports.
inline std::vector<const char*> leaves_of(const BackendUnderTest& backend) {
    std::vector<const char*> leaves;
    const Capabilities& can = backend.can();
    if (can.ecdsa_p256) leaves.insert(leaves.end(), {"p256", "direct"});
    if (can.ecdsa_p384) leaves.insert(leaves.end(), {"p384", "p384-chain"});
    if (can.rsa) leaves.insert(leaves.end(), {"rsa", "rsa-chain"});
    return leaves;
}

} // namespace ussl::test
