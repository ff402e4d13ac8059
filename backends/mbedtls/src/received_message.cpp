#include "received_message.hpp"

#include <cstring>
#include <type_traits>

namespace ussl::mbedtls {

unsigned version_number(const mbedtls_ssl_context& ssl) {
    std::underlying_type_t<mbedtls_ssl_protocol_version> number = 0;
    std::memcpy(&number, &ssl.MBEDTLS_PRIVATE(tls_version), sizeof number);
    return number;
}

int message_type(const mbedtls_ssl_context& ssl) {
    const bool handshake = ssl.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_HANDSHAKE &&
                           ssl.MBEDTLS_PRIVATE(in_hslen) >= message_header_size(is_datagram(ssl));
    return handshake ? ssl.MBEDTLS_PRIVATE(in_msg)[0] : -1;
}

Bytes message_contents(const mbedtls_ssl_context& ssl) {
    if (message_type(ssl) < 0) return {};
    const std::size_t there = ssl.MBEDTLS_PRIVATE(in_msglen);
    const std::size_t size = ssl.MBEDTLS_PRIVATE(in_hslen);
    if (size > there) return {};
    const std::size_t header = message_header_size(is_datagram(ssl));
    return {ssl.MBEDTLS_PRIVATE(in_msg) + header, size - header};
}

bool client_sent(const mbedtls_ssl_context& ssl, unsigned type, Bytes& data) {
    if (message_type(ssl) != handshake_type::client_hello) return false;
    WireReader hello(message_contents(ssl));
    hello.bytes(2 + 32);                   // legacy_version, random
    hello.vector(1);                       // legacy_session_id
    if (is_datagram(ssl)) hello.vector(1); // cookie (RFC 6347, 4.2.1)
    hello.vector(2);                       // cipher_suites
    hello.vector(1);                       // legacy_compression_methods
    return find_extension(hello.vector(2), type, data);
}

SentCertificates sent_certificates(const mbedtls_ssl_context& ssl) {
    const bool is_there = message_type(ssl) == handshake_type::certificate;
    return {is_there ? message_contents(ssl) : Bytes{}, is_tls1_3(ssl)};
}

} // namespace ussl::mbedtls
