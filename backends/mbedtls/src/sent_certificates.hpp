// The certificates of a Certificate message, as the peer sent them. The library keeps the key of
// the first one.
#pragma once

#include "ussl/x509/path.hpp"

#include "message_reader.hpp"

namespace ussl::mbedtls {

class SentCertificates {
public:
    // To be used while the library is at this message.
    explicit SentCertificates(const mbedtls_ssl_context& ssl);

    // Whether it is this message, and can be read.
    bool readable() const { return readable_; }

    // Views into the library's buffer, the peer's own certificate first.
    std::span<const Bytes> all() const { return {certificates_, count_}; }

private:
    Bytes certificates_[x509::max_sent_certificates];
    std::size_t count_ = 0;
    bool readable_ = false;
};

} // namespace ussl::mbedtls
