#include "sent_certificates.hpp"

#include "ussl/features.hpp"

namespace ussl::mbedtls {

// RFC 5246, 7.4.2: certificate_list. RFC 8446, 4.4.2: certificate_request_context, and a list of
// certificates with extensions.
SentCertificates::SentCertificates(const mbedtls_ssl_context& ssl) {
    if (message_type(ssl) != MBEDTLS_SSL_HS_CERTIFICATE) return;
    const bool tls1_3 = features::tls1_3 && version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
    MessageReader message(message_contents(ssl));
    if (tls1_3) message.vector(1);
    MessageReader list(message.vector(3));
    while (!list.at_end()) {
        const Bytes certificate = list.vector(3);
        if (tls1_3) list.vector(2);
        if (count_ < x509::max_sent_certificates) certificates_[count_++] = certificate;
    }
    readable_ = !message.bad() && !list.bad();
}

} // namespace ussl::mbedtls
