// Messages of the handshake, put together from the records of a stream: any number of bytes in each
// (RFC 8446, 5.1), up to USSL_HANDSHAKE_MESSAGE in all.
//
// A message that lies whole in its record stays there. Of another the bytes are gathered in a block
// of the allocator's, with what comes behind it in its last record; the library then reads there,
// as it finds a message by `in_msg`, and moves the next one to its place.
#pragma once

#include "ussl/bytes.hpp"

#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

class MessageGatherer {
public:
    MessageGatherer() = default;
    MessageGatherer(const MessageGatherer&) = delete;
    MessageGatherer& operator=(const MessageGatherer&) = delete;
    ~MessageGatherer() { release(); }

    enum class Result : std::uint8_t { whole, more, empty, too_large, no_memory };

    // With the contents of a record, or what the library has left of it. whole: in_msg, in_msglen
    // and in_hslen are as the library expects them.
    Result take(mbedtls_ssl_context& ssl);

    // The library asks for a record, so that it is done with the messages it had.
    void start_record(mbedtls_ssl_context& ssl);

private:
    bool put(Bytes bytes, std::size_t whole);
    void release();

    std::uint8_t* block_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t gathered_ = 0; // of a message that is not whole yet
};

} // namespace ussl::mbedtls
