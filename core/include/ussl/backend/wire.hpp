// Numbers and vectors on the wire (RFC 8446, 3): big-endian numbers, and vectors with their length
// in front.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl {

// Two, four and eight bytes. Precondition: they are there.
constexpr unsigned number16(const std::uint8_t* at) {
    return static_cast<unsigned>(at[0] << 8 | at[1]);
}
constexpr std::uint32_t number32(const std::uint8_t* at) {
    return std::uint32_t{number16(at)} << 16 | number16(at + 2);
}
constexpr std::uint64_t number64(const std::uint8_t* at) {
    return std::uint64_t{number32(at)} << 32 | number32(at + 4);
}

// Write the low bytes of a number.
constexpr void write16(std::uint8_t* at, std::uint32_t value) {
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}
constexpr void write32(std::uint8_t* at, std::uint32_t value) {
    write16(at, value >> 16);
    write16(at + 2, value);
}
constexpr void write64(std::uint8_t* at, std::uint64_t value) {
    write32(at, static_cast<std::uint32_t>(value >> 32));
    write32(at + 4, static_cast<std::uint32_t>(value));
}

// Reads one field after the other. If a field is cut short the reader is bad and at its end, and
// all further fields are empty or 0: callers check once, at the end.
class WireReader {
public:
    explicit WireReader(const Bytes& from) : rest_(from) {}

    bool at_end() const { return rest_.empty(); }
    bool is_bad() const { return bad_; }

    // Whether everything was read, and nothing was missing.
    bool ended_well() const { return !bad_ && rest_.empty(); }

    Bytes bytes(std::size_t size);

    // At most four bytes.
    std::uint32_t number(std::size_t size);

    // A vector whose length has `length_size` bytes.
    Bytes vector(std::size_t length_size);

private:
    Bytes rest_;
    bool bad_ = false;
};

// Writes one field after the other, as far as there is room, and counts all bytes.
class WireWriter {
public:
    explicit WireWriter(MutableBytes into) : into_(into) {}

    void number(std::uint64_t value, std::size_t size);
    void bytes(Bytes from);
    void vector(Bytes from, std::size_t length_size) {
        number(from.size(), length_size);
        bytes(from);
    }

    // The size of everything in bytes: larger than the room if it did not fit.
    std::size_t size() const { return size_; }

private:
    void byte(std::uint8_t value) {
        if (size_ < into_.size()) into_[size_] = value;
        ++size_;
    }

    MutableBytes into_;
    std::size_t size_ = 0;
};

} // namespace ussl
