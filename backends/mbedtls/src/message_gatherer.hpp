// Reassembles handshake messages from the records of a stream: any number of bytes in each record
// (RFC 8446, 5.1), up to USSL_HANDSHAKE_MESSAGE in all.
//
// A message that lies whole in its record stays there. Others are gathered in a block from the
// allocator, with what follows them in their last record. The library then reads there: it finds a
// message by `in_msg`, and moves the next one to its place.
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

    // Takes the contents of a record, or what the library has left of it. whole: in_msg, in_msglen
    // and in_hslen are as the library expects them.
    Result take(mbedtls_ssl_context& ssl);

    // The library asks for a record: it has finished with the messages before.
    void start_record(mbedtls_ssl_context& ssl) {
        if (gathered_ != 0 || block_ == nullptr) return;
        release();
        ssl.MBEDTLS_PRIVATE(in_msg) = ssl.MBEDTLS_PRIVATE(in_iv);
    }

private:
    bool put(Bytes bytes, std::size_t whole);
    void release();

    std::uint8_t* block_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t gathered_ = 0; // of an incomplete message
};

} // namespace ussl::mbedtls
