// A first-in-first-out store of bytes for records: a few within the session, or for longer records
// a block of the allocator's, which is given back as soon as what is left has room in the session.
#pragma once

#include "ussl/backend/growing_queue.hpp"
#include "ussl/bytes.hpp"

#include <cstdint>

namespace ussl::wolfssl {

class RecordMemory {
public:
    RecordMemory(const RecordMemory&) = delete;
    RecordMemory& operator=(const RecordMemory&) = delete;

    bool empty() const { return end_ == 0; }
    // How much it holds when it is empty.
    std::size_t capacity() const { return capacity_; }

    MutableBytes stored() const { return {data_ + begin_, end_ - begin_}; }
    // Room behind it.
    MutableBytes space() const { return {data_ + end_, capacity_ - end_}; }
    void commit(std::size_t count) { end_ += count; }

    // Drops bytes from the front of what is stored.
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
        if (data_ != own_ && end_ - begin_ <= own_size_) move_to(own_, own_size_);
    }

    // Moves what is stored to the front, so that all room is behind it.
    void compact() {
        if (begin_ != 0) move_to(data_, capacity_);
    }

    // Has a capacity of `size` at least. False: there is no memory.
    bool reserve(std::size_t size);

protected:
    // Bytes left free at the beginning, so that what follows the header of the first record, which
    // has 5 bytes, is aligned: wolfSSL's ciphers are slower elsewhere, on processors of 32 bits.
    static constexpr std::size_t lead = sizeof(void*) == 4 ? 3 : 0;

    // `own`: the bytes within the session, behind a lead.
    RecordMemory(std::uint8_t* own, std::size_t own_size)
        : data_(own), own_(own), capacity_(own_size), own_size_(own_size) {}
    ~RecordMemory();

private:
    void move_to(std::uint8_t* memory, std::size_t size);

    std::uint8_t* data_;
    std::uint8_t* const own_;
    std::size_t begin_ = 0, end_ = 0; // both 0 while there is nothing
    std::size_t capacity_;
    const std::size_t own_size_;
};

// With as much within the session as a GrowingQueue has there.
template<std::size_t wanted>
class RecordMemoryOf : public RecordMemory {
public:
    RecordMemoryOf() : RecordMemory(bytes_ + lead, sizeof bytes_ - lead) {}

private:
    alignas(8) std::uint8_t bytes_[lead + GrowingQueue<wanted>::size_in_session];
};

} // namespace ussl::wolfssl
