// The certificates of a Certificate message, as the peer sent them. The library's own list lacks
// those that it could not read.
#pragma once

#include "message_reader.hpp"

namespace ussl::mbedtls {

class SentCertificates {
public:
    // To be used while the library is at this message; of any other, there are none.
    explicit SentCertificates(const mbedtls_ssl_context& ssl);

    // The next one's DER, in the library's buffer; empty when there are no more.
    Bytes next();

private:
    MessageReader list_;
    bool have_extensions_ = false; // after each certificate
};

} // namespace ussl::mbedtls
