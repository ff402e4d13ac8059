// An own handshake message that is encrypted and longer than the peer's records (RFC 8449): TLS 1.3
// sends its certificates so. The library makes one record of each message. Here the message waits,
// and the library gets one piece after the other.
#pragma once

#include "../amended/internals.h"

#include "ussl/backend/memory.hpp"
#include "ussl/bytes.hpp"

#include <cstring>

namespace ussl::mbedtls {

#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3

class LongMessage {
public:
    LongMessage() = default;
    LongMessage(const LongMessage&) = delete;
    LongMessage& operator=(const LongMessage&) = delete;
    ~LongMessage() { ussl::release(block_); }

    // Copies it. false: no memory. Precondition: none is under way.
    bool take(Bytes message) {
        block_ = allocate_for<std::uint8_t>(message.size());
        if (block_ == nullptr) return false;
        std::memcpy(block_, message.data(), message.size());
        left_ = {block_, message.size()};
        return true;
    }

    bool is_under_way() const { return block_ != nullptr; }

    // Writes pieces of at most `limit` bytes until all is written, or the library returns an error,
    // such as MBEDTLS_ERR_SSL_WANT_WRITE: then call it again.
    int send(mbedtls_ssl_context& ssl, std::size_t limit) {
        int code = 0;
        while (code == 0 && !left_.empty()) {
            const Bytes piece = left_.first(left_.size() < limit ? left_.size() : limit);
            int written = 0;
            code = ussl_mbedtls_write_piece(&ssl, piece.data(), piece.size(), &written);
            if (written != 0) left_ = left_.subspan(piece.size());
        }
        if (left_.empty()) {
            ussl::release(block_);
            block_ = nullptr;
        }
        return code;
    }

private:
    std::uint8_t* block_ = nullptr;
    Bytes left_;
};

#else

class LongMessage {
public:
    static constexpr bool is_under_way() { return false; }
    static int send(mbedtls_ssl_context&, std::size_t) { return 0; }
};

#endif

} // namespace ussl::mbedtls
