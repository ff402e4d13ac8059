#include "message_reader.hpp"

namespace ussl::mbedtls {
namespace {

constexpr std::size_t message_header = 4; // RFC 8446, 4: type and length

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

Bytes MessageReader::vector(std::size_t length_size) { return bytes(number(bytes(length_size))); }

unsigned number(Bytes bytes) {
    unsigned value = 0;
    for (const std::uint8_t byte : bytes)
        value = value << 8 | byte;
    return value;
}

int message_type(const mbedtls_ssl_context& ssl) {
    const bool handshake = ssl.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_HANDSHAKE &&
                           ssl.MBEDTLS_PRIVATE(in_hslen) >= message_header;
    return handshake ? ssl.MBEDTLS_PRIVATE(in_msg)[0] : -1;
}

Bytes message_contents(const mbedtls_ssl_context& ssl) {
    if (message_type(ssl) < 0) return {};
    const std::size_t there = ssl.MBEDTLS_PRIVATE(in_msglen);
    const std::size_t size = ssl.MBEDTLS_PRIVATE(in_hslen);
    if (size > there) return {};
    return {ssl.MBEDTLS_PRIVATE(in_msg) + message_header, size - message_header};
}

} // namespace ussl::mbedtls
