#include "message_gatherer.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/memory.hpp"

#include <algorithm>
#include <cstring>

namespace ussl::mbedtls {
namespace {

constexpr std::size_t header_size = message_header_size(false);

// Including its header; 0: the header is incomplete.
std::size_t whole_size(Bytes message) {
    return message.size() < header_size ? 0 : header_size + (number32(message.data()) & 0xffffff);
}

} // namespace

void MessageGatherer::release() {
    if (block_ == nullptr) return;
    wipe({block_, capacity_}); // may hold plain text of an encrypted record
    ussl::release(block_);
    block_ = nullptr;
    capacity_ = 0;
}

// Grows with the received bytes: a peer may announce more than it ever sends.
bool MessageGatherer::put(Bytes bytes, std::size_t whole) {
    const std::size_t needed = gathered_ + bytes.size();
    if (needed > capacity_) {
        const std::size_t size = std::max(needed, std::min(whole, 2 * capacity_));
        auto* const block = allocate_for<std::uint8_t>(size);
        if (block == nullptr) return false;
        if (gathered_ != 0) std::memcpy(block, block_, gathered_);
        release();
        block_ = block;
        capacity_ = size;
    }
    std::memmove(block_ + gathered_, bytes.data(), bytes.size());
    gathered_ = needed;
    return true;
}

MessageGatherer::Result MessageGatherer::take(mbedtls_ssl_context& ssl) {
    std::uint8_t*& at = ssl.MBEDTLS_PRIVATE(in_msg);
    std::size_t& size = ssl.MBEDTLS_PRIVATE(in_msglen);
    if (size == 0) return Result::empty;
    if (gathered_ != 0 || whole_size({at, size}) - 1 >= size) {
        // The rest of a block is at its front.
        const bool in_place = at == block_;
        const std::size_t known = gathered_ != 0 ? whole_size({block_, gathered_}) : 0;
        if (in_place)
            gathered_ = size;
        else if (!put({at, size}, known))
            return Result::no_memory;
        at = block_;
        size = gathered_;
    }
    const std::size_t whole = whole_size({at, size});
    if (whole > header_size + USSL_HANDSHAKE_MESSAGE) return Result::too_large;
    const bool is_whole = whole != 0 && whole <= size;
    ssl.MBEDTLS_PRIVATE(in_hslen) = is_whole ? whole : 0;
    // Tells the library that a message is incomplete: no other record type may come now (RFC 8446,
    // 5.1).
    ssl.MBEDTLS_PRIVATE(badmac_seen_or_in_hsfraglen) = !is_whole;
    if (is_whole) {
        gathered_ = 0;
        return Result::whole;
    }
    at = ssl.MBEDTLS_PRIVATE(in_iv);
    size = 0;
    return Result::more;
}

} // namespace ussl::mbedtls
