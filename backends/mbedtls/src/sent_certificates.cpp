#include "sent_certificates.hpp"

namespace ussl::mbedtls {

// RFC 5246, 7.4.2: certificate_list. RFC 8446, 4.4.2: certificate_request_context, and a list of
// certificates with extensions.
SentCertificates::SentCertificates(const mbedtls_ssl_context& ssl) {
    constexpr std::size_t message_header = 4;
    const unsigned char* message = ssl.MBEDTLS_PRIVATE(in_msg);
    const std::size_t size = ssl.MBEDTLS_PRIVATE(in_hslen);
    if (ssl.MBEDTLS_PRIVATE(in_msgtype) != MBEDTLS_SSL_MSG_HANDSHAKE || size < message_header ||
        message[0] != MBEDTLS_SSL_HS_CERTIFICATE)
        return;
    rest_ = {message + message_header, size - message_header};
    have_extensions_ = mbedtls_ssl_get_version_number(&ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
    if (have_extensions_) take(1);
    rest_ = take(3);
}

// Takes a vector with a length of so many bytes off the front of the rest (RFC 8446, 3.4).
Bytes SentCertificates::take(std::size_t length_bytes) {
    std::size_t length = 0;
    if (rest_.size() < length_bytes)
        length = SIZE_MAX;
    else
        for (std::size_t i = 0; i < length_bytes; ++i)
            length = length << 8 | rest_[i];
    if (length > rest_.size() || length > rest_.size() - length_bytes) {
        rest_ = {};
        return {};
    }
    const Bytes taken = rest_.subspan(length_bytes, length);
    rest_ = rest_.subspan(length_bytes + length);
    return taken;
}

Bytes SentCertificates::next() {
    const Bytes certificate = take(3);
    if (have_extensions_) take(2);
    return certificate;
}

} // namespace ussl::mbedtls
