// A small first-in-first-out store of bytes with a fixed size: the staging areas of the adapters.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>
#include <cstring>

namespace ussl {

template<std::size_t capacity>
class ByteQueue {
public:
    bool empty() const { return end_ == 0; }
    std::size_t size() const { return end_ - begin_; }

    // Where bytes may be written, in one piece; commit() tells how many were.
    MutableBytes space() {
        if (begin_ != 0) {
            std::memmove(bytes_, bytes_ + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        return {bytes_ + end_, capacity - end_};
    }
    void commit(std::size_t count) { end_ += count; }

    // All that is stored, in one piece; consume() drops from its front.
    Bytes front() const { return {bytes_ + begin_, size()}; }
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    // Copies all of `from`, which must fit.
    void put(Bytes from) {
        const MutableBytes into = space();
        if (!from.empty()) std::memcpy(into.data(), from.data(), from.size());
        commit(from.size());
    }

    // Copies as much of `from` as fits; returns how much.
    std::size_t append(Bytes from) {
        const MutableBytes into = space();
        const std::size_t count = from.size() < into.size() ? from.size() : into.size();
        if (count != 0) std::memcpy(into.data(), from.data(), count);
        commit(count);
        return count;
    }

    // Moves as much as is stored, and fits, to `into`; returns how much.
    std::size_t take(MutableBytes into) {
        const std::size_t count = into.size() < size() ? into.size() : size();
        if (count != 0) std::memcpy(into.data(), bytes_ + begin_, count);
        consume(count);
        return count;
    }

private:
    std::size_t begin_ = 0; // both 0 while there is nothing
    std::size_t end_ = 0;
    std::uint8_t bytes_[capacity];
};

} // namespace ussl
