// The handshake message in the library's buffer, for details that the library does not report and
// that ussl's errors and rules need.
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

// The negotiated version, or the one in a ServerHello. It may be any number; the library's
// enumeration has only some.
unsigned version_number(const mbedtls_ssl_context& ssl);
inline bool is_tls1_3(const mbedtls_ssl_context& ssl) {
    return features::tls1_3 && version_number(ssl) == MBEDTLS_SSL_VERSION_TLS1_3;
}

// The type of the handshake message that the library read last; -1: it was something else.
int message_type(const mbedtls_ssl_context& ssl);

// Its contents, without the header.
Bytes message_contents(const mbedtls_ssl_context& ssl);

// Whether it is a ClientHello with this extension; then `data` is the extension's contents.
bool client_sent(const mbedtls_ssl_context& ssl, unsigned type, Bytes& data);

// Views of the peer's certificates while the library is at its Certificate; otherwise not readable.
SentCertificates sent_certificates(const mbedtls_ssl_context& ssl);

} // namespace ussl::mbedtls
