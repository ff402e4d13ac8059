// Writes DER (X.690) into a buffer of the caller, without allocation.
#pragma once

#include "ussl/x509/der.hpp"

#include <cstring>

namespace ussl::der {

// Writes from the end of the buffer to its front, so that lengths are known when they are needed:
// the last element first, and the contents of each element before its tag and length. Precondition:
// there is room for everything.
class Writer {
public:
    explicit Writer(MutableBytes room) : end_(room.data() + room.size()), at_(end_) {}

    Bytes written() const { return {at_, end_}; }

    // `bytes` may lie in the buffer, ending where the written bytes begin or overlapping them.
    void put(const Bytes& bytes) { put(bytes.data(), bytes.size()); }
    template<std::size_t size>
    void put(const std::uint8_t (&bytes)[size]) {
        put(bytes, size);
    }
    void put(unsigned byte) { *--at_ = static_cast<std::uint8_t>(byte); }

    // Writes tag and length for what was written after the first `since` bytes.
    void head(std::uint8_t tag, std::size_t since = 0) {
        const std::size_t size = written().size() - since;
        unsigned more = 0;
        for (std::size_t left = size; size > 0x7f && left != 0; left >>= 8, ++more)
            put(static_cast<unsigned>(left));
        put(more != 0 ? 0x80 | more : static_cast<unsigned>(size));
        put(tag);
    }

private:
    void put(const std::uint8_t* bytes, std::size_t size) {
        at_ -= size;
        if (size != 0) std::memmove(at_, bytes, size);
    }

    std::uint8_t* const end_;
    std::uint8_t* at_;
};

} // namespace ussl::der
