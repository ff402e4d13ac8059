#include "message_reader.hpp"

#include "ussl/features.hpp"

#include <cstring>
#include <type_traits>

namespace ussl::mbedtls {
namespace {

// RFC 8446, 4: type and length. RFC 6347, 4.2.2: and the number and fragment of a message, which
// the library has put together.
std::size_t message_header(const mbedtls_ssl_context& ssl) { return is_datagram(ssl) ? 12 : 4; }

} // namespace

Bytes MessageReader::bytes(std::size_t size) {
    if (size > rest_.size()) {
        rest_ = {};
        bad_ = true;
        return {};
    }
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

unsigned MessageReader::number(std::size_t size) {
    unsigned value = 0;
    for (const std::uint8_t byte : bytes(size))
        value = value << 8 | byte;
    return value;
}

Bytes MessageReader::vector(std::size_t length_size) { return bytes(number(length_size)); }

bool find_extension(Bytes extensions, unsigned type, Bytes& data) {
    for (MessageReader reader(extensions); !reader.at_end();) {
        const bool found = reader.number(2) == type;
        data = reader.vector(2);
        if (found) return true;
    }
    return false;
}

unsigned version_number(const mbedtls_ssl_context& ssl) {
    std::underlying_type_t<mbedtls_ssl_protocol_version> number = 0;
    std::memcpy(&number, &ssl.MBEDTLS_PRIVATE(tls_version), sizeof number);
    return number;
}

int message_type(const mbedtls_ssl_context& ssl) {
    const bool handshake = ssl.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_HANDSHAKE &&
                           ssl.MBEDTLS_PRIVATE(in_hslen) >= message_header(ssl);
    return handshake ? ssl.MBEDTLS_PRIVATE(in_msg)[0] : -1;
}

Bytes message_contents(const mbedtls_ssl_context& ssl) {
    if (message_type(ssl) < 0) return {};
    const std::size_t there = ssl.MBEDTLS_PRIVATE(in_msglen);
    const std::size_t size = ssl.MBEDTLS_PRIVATE(in_hslen);
    if (size > there) return {};
    const std::size_t header = message_header(ssl);
    return {ssl.MBEDTLS_PRIVATE(in_msg) + header, size - header};
}

bool client_sent(const mbedtls_ssl_context& ssl, unsigned type, Bytes& data) {
    if (message_type(ssl) != MBEDTLS_SSL_HS_CLIENT_HELLO) return false;
    MessageReader hello(message_contents(ssl));
    hello.bytes(2 + 32);                   // legacy_version, random
    hello.vector(1);                       // legacy_session_id
    if (is_datagram(ssl)) hello.vector(1); // cookie (RFC 6347, 4.2.1)
    hello.vector(2);                       // cipher_suites
    hello.vector(1);                       // legacy_compression_methods
    return find_extension(hello.vector(2), type, data);
}

} // namespace ussl::mbedtls
