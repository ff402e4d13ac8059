#pragma once

#include "library.hpp"

#include "ussl/context.hpp"

namespace ussl::openssl {

// An own certificate chain and its private key, in OpenSSL's form.
class OwnCredential {
public:
    Err read(const Credential& credential);

    // Makes a context's sessions, or one of them, use this credential. false: no memory.
    bool use(SSL_CTX* library) const;
    bool use(SSL* ssl) const;

private:
    Err read_chain(std::span<const Bytes> chain);
    Err read_key(const Credential& credential);

    OwnedCertificate certificate_;
    OwnedCertificates issuers_;
    OwnedKey key_;
};

} // namespace ussl::openssl
