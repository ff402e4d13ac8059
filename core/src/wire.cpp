#include "ussl/backend/wire.hpp"

namespace ussl {

Bytes WireReader::bytes(std::size_t size) {
    if (size > rest_.size()) {
        rest_ = {};
        bad_ = true;
        return {};
    }
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
}

std::uint32_t WireReader::number(std::size_t size) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : bytes(size))
        value = value << 8 | byte;
    return value;
}

Bytes WireReader::vector(std::size_t length_size) { return bytes(number(length_size)); }

void WireWriter::number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i-- != 0;)
        byte(static_cast<std::uint8_t>(value >> 8 * i));
}

void WireWriter::bytes(Bytes from) {
    for (const std::uint8_t one : from)
        byte(one);
}

} // namespace ussl
