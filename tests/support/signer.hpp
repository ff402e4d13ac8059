// A private key that is kept elsewhere: in OpenSSL's libcrypto, in the test's own process.
#pragma once

#include "ussl/context.hpp"

#include <string>

namespace ussl::test {

// False if this test program was built without libcrypto.
bool has_signer();

struct Signing {
    std::string leaf;     // whose key signs
    bool refuses = false; // it fails
    std::size_t calls = 0;
    SignatureScheme scheme{}; // of the last call

    explicit Signing(std::string leaf_) : leaf(std::move(leaf_)) {}
    // The leaf's chain, with this signer instead of its key. The signer must outlive it.
    Credential credential();

private:
    static bool sign(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                     std::size_t* size);
};

} // namespace ussl::test
