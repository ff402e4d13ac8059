// Numbers and vectors as they stand on the wire (RFC 8446, 3): numbers big-endian, vectors with a
// length in front.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl {

// Of two, four and eight bytes, which are there.
constexpr unsigned number16(const std::uint8_t* at) {
    return static_cast<unsigned>(at[0] << 8 | at[1]);
}
constexpr std::uint32_t number32(const std::uint8_t* at) {
    return std::uint32_t{number16(at)} << 16 | number16(at + 2);
}
constexpr std::uint64_t number64(const std::uint8_t* at) {
    return std::uint64_t{number32(at)} << 32 | number32(at + 4);
}

// The last bytes of a number.
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

// Reads one field after the other. Once something is not there, the reader is at its end and bad,
// and what is read is empty or 0: callers check once, at the end.
class WireReader {
public:
    explicit WireReader(const Bytes& from) : rest_(from) {}

    bool at_end() const { return rest_.empty(); }
    bool is_bad() const { return bad_; }

    // Whether all was there, and nothing is left.
    bool ended_well() const { return !bad_ && rest_.empty(); }

    Bytes bytes(std::size_t size);

    // Of at most four bytes.
    std::uint32_t number(std::size_t size);

    // A vector with a length of `length_size` bytes in front.
    Bytes vector(std::size_t length_size);

private:
    Bytes rest_;
    bool bad_ = false;
};

// Writes one field after the other, as far as there is room, and counts all.
class WireWriter {
public:
    explicit WireWriter(MutableBytes into) : into_(into) {}

    void number(std::uint64_t value, std::size_t size);
    void bytes(Bytes from);
    void vector(Bytes from, std::size_t length_size) {
        number(from.size(), length_size);
        bytes(from);
    }

    // Bytes that all of it takes: more than there is room for, if it does not fit.
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
