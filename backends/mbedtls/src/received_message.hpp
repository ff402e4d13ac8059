// The handshake message in the library's buffer, where the library does not tell what ussl's errors
// and rules need to know.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/features.hpp"
#include "ussl/protocol.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

inline bool is_datagram(const mbedtls_ssl_context& ssl) {
#if USSL_DTLS
    return ssl.MBEDTLS_PRIVATE(conf)->MBEDTLS_PRIVATE(transport) == MBEDTLS_SSL_TRANSPORT_DATAGRAM;
#else
    static_cast<void>(ssl);
    return false;
#endif
}

// The version that was agreed on, or that a ServerHello names: any number, while the library's type
// is an enumeration that has but some.
unsigned version_number(const mbedtls_ssl_context& ssl);
inline bool is_tls1_3(const mbedtls_ssl_context& ssl) {
    return features::tls1_3 && version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
}

// The type of the handshake message that the library read last; -1 when it was none.
int message_type(const mbedtls_ssl_context& ssl);

// Its contents, behind its header.
Bytes message_contents(const mbedtls_ssl_context& ssl);

// Whether that is a ClientHello with this extension; `data` is then what the extension holds.
bool client_sent(const mbedtls_ssl_context& ssl, unsigned type, Bytes& data);

// Views of what the peer sent, while the library is at its Certificate; else not readable.
SentCertificates sent_certificates(const mbedtls_ssl_context& ssl);

} // namespace ussl::mbedtls
