// A first-in-first-out store of bytes that grows as need be, on the heap of ussl::allocator().
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"

#include <cstddef>
#include <cstring>

namespace ussl::openssl {

class ByteStore {
public:
    ByteStore() = default;
    ByteStore(const ByteStore&) = delete;
    ByteStore& operator=(const ByteStore&) = delete;
    ~ByteStore() { release(); }

    bool empty() const { return begin_ == end_; }
    std::size_t size() const { return end_ - begin_; }
    Bytes front() const { return {bytes_ + begin_, size()}; }
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    // Room for `count` bytes behind those that are stored. Empty: there is no memory for it.
    MutableBytes space(std::size_t count) {
        if (capacity_ - end_ < count && !make_room(count)) return {};
        return {bytes_ + end_, count};
    }
    void commit(std::size_t count) { end_ += count; }

    // What room there is without taking memory.
    MutableBytes room() { return {bytes_ + end_, capacity_ - end_}; }

    // Where nothing is stored: gives memory back but for `count` bytes. Keeps it where there is no
    // memory to do that.
    void shrink(std::size_t count) {
        if (!empty() || capacity_ <= count) return;
        if (count == 0) return release();
        auto* const memory = static_cast<std::uint8_t*>(ussl::allocate(count));
        if (memory != nullptr) replace(memory, count);
    }

    bool append(Bytes from) {
        const MutableBytes into = space(from.size());
        if (into.empty()) return from.empty();
        std::memcpy(into.data(), from.data(), from.size());
        commit(from.size());
        return true;
    }

    // Wipes all that it held, and gives the memory back.
    void release() {
        if (bytes_ == nullptr) return;
        wipe({bytes_, capacity_});
        ussl::release(bytes_);
        bytes_ = nullptr;
        begin_ = end_ = capacity_ = 0;
    }

private:
    bool make_room(std::size_t count) {
        const std::size_t used = size();
        if (capacity_ - used >= count) {
            std::memmove(bytes_, bytes_ + begin_, used);
            begin_ = 0;
            end_ = used;
            return true;
        }
        std::size_t capacity = capacity_ != 0 ? capacity_ : 1024;
        while (capacity - used < count)
            capacity *= 2;
        auto* const memory = static_cast<std::uint8_t*>(ussl::allocate(capacity));
        if (memory == nullptr) return false;
        replace(memory, capacity);
        return true;
    }

    void replace(std::uint8_t* memory, std::size_t capacity) {
        const std::size_t used = size();
        if (used != 0) std::memcpy(memory, bytes_ + begin_, used);
        release();
        bytes_ = memory;
        end_ = used;
        capacity_ = capacity;
    }

    std::uint8_t* bytes_ = nullptr;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace ussl::openssl
