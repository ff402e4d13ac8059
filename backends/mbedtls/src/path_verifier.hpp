// The verdict on the peer's certificates, from what the library found and what core/ rules.
#pragma once

#include "ussl/x509/path_check.hpp"

#include "sent_certificates.hpp"

#include <mbedtls/x509_crt.h>

namespace ussl::mbedtls {

class PathVerifier {
public:
    // To be called with what the library's verification callback is called with: each certificate
    // of the path that it chose, from the highest down to the peer's own, which has depth 0.
    // `flags`: what the library found wrong; they are cleared, for core/ decides.
    void add(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);

    // After the call with depth 0.
    Err verdict(const x509::Expectations& expectations, SentCertificates sent) const;

private:
    const mbedtls_x509_crt* path_[MBEDTLS_X509_MAX_VERIFY_CHAIN_SIZE] = {};
    std::uint8_t length_ = 0;
    bool trusted_ = true;
};

// What is wrong with certificates of which the library could not read one.
Err unreadable_verdict(const x509::Expectations& expectations, SentCertificates sent);

} // namespace ussl::mbedtls
