// Reads a handshake message in the library's buffer, where the library does not tell what ussl's
// errors need to know. Bounded by the message; what is missing reads as empty.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

class MessageReader {
public:
    MessageReader() = default;
    explicit MessageReader(Bytes contents) : rest_(contents) {}

    bool at_end() const { return rest_.empty(); }

    // Whether something was to be read that was not there.
    bool bad() const { return bad_; }

    // The next `size` bytes; empty, and the reader at its end, when there are not as many.
    Bytes bytes(std::size_t size);

    // The next `size` bytes as a number, big-endian; 0 when there are not as many.
    unsigned number(std::size_t size);

    // A vector with a length of `length_size` bytes in front (RFC 8446, 3.4).
    Bytes vector(std::size_t length_size);

private:
    Bytes rest_;
    bool bad_ = false;
};

// Whether there is this extension among `extensions` (RFC 8446, 4.2); `data` is then what it holds.
bool find_extension(Bytes extensions, unsigned type, Bytes& data);

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

// The type of the handshake message that the library read last; -1 when it was none.
int message_type(const mbedtls_ssl_context& ssl);

// Its contents, behind its header.
Bytes message_contents(const mbedtls_ssl_context& ssl);

// Whether that is a ClientHello with this extension; `data` is then what the extension holds.
bool client_sent(const mbedtls_ssl_context& ssl, unsigned type, Bytes& data);

} // namespace ussl::mbedtls
