#include "ussl/x509/der.hpp"

namespace ussl::der {

Element Reader::next() {
    std::size_t header = 2;
    std::size_t length = 0;
    // X.690, 8.1.2.4: tag numbers above 30 take more bytes; certificates have none.
    bool good = rest_.size() >= 2 && (rest_[0] & 0x1f) != 0x1f;
    if (good && (length = rest_[1]) >= 0x80) {
        const std::size_t count = length & 0x7f;
        header += count;
        good = count != 0 && count <= 3 && rest_.size() >= header && rest_[2] != 0;
        length = 0;
        for (std::size_t i = 2; good && i < header; ++i)
            length = length << 8 | rest_[i];
        good = good && length >= 0x80; // X.690, 10.1: else the short form was due
    }
    if (!good || length > rest_.size() - header) {
        fail();
        return {};
    }
    const Element element{rest_[0], rest_.subspan(header, length), rest_.first(header + length)};
    rest_ = rest_.subspan(header + length);
    return element;
}

Bytes Reader::expect(std::uint8_t tag) {
    const Element element = next();
    if (element.tag != tag) {
        fail();
        return {};
    }
    return element.value;
}

Bytes Reader::optional(std::uint8_t tag) { return peek() == tag ? next().value : Bytes{}; }

bool Reader::flag() {
    if (peek() != boolean) return false;
    const Bytes value = next().value;
    if (value.size() != 1) fail();
    // X.690, 11.1 has 255 for true; libraries take any but 0 for it.
    return value.size() == 1 && value[0] != 0;
}

std::uint32_t Reader::number() {
    const Bytes value = expect(integer);
    std::uint32_t number = 0;
    if (value.empty() || value.size() > 3 || (value[0] & 0x80) != 0)
        fail();
    else
        for (const std::uint8_t byte : value)
            number = number << 8 | byte;
    return number;
}

namespace {

bool is_well_formed(Bytes der, unsigned depth) {
    constexpr unsigned max_depth = 16; // of what is read here, with room to spare
    constexpr std::uint8_t constructed = 0x20;
    Reader reader(der);
    while (!reader.at_end()) {
        const Element element = reader.next();
        if ((element.tag & constructed) != 0 &&
            (depth == max_depth || !is_well_formed(element.value, depth + 1)))
            return false;
    }
    return !reader.bad();
}

} // namespace

bool is_well_formed(Bytes der) { return is_well_formed(der, 0); }

} // namespace ussl::der
