#include "sent_certificates.hpp"

namespace ussl::mbedtls {

// RFC 5246, 7.4.2: certificate_list. RFC 8446, 4.4.2: certificate_request_context, and a list of
// certificates with extensions.
SentCertificates::SentCertificates(const mbedtls_ssl_context& ssl) {
    if (message_type(ssl) != MBEDTLS_SSL_HS_CERTIFICATE) return;
    MessageReader message(message_contents(ssl));
    have_extensions_ = mbedtls_ssl_get_version_number(&ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
    if (have_extensions_) message.vector(1);
    list_ = MessageReader(message.vector(3));
}

Bytes SentCertificates::next() {
    const Bytes certificate = list_.vector(3);
    if (have_extensions_) list_.vector(2);
    return certificate;
}

} // namespace ussl::mbedtls
