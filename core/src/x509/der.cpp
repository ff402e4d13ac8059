#include "ussl/x509/der.hpp"

namespace ussl::der {

Element Reader::next() {
    // X.690, 8.1.2.4: tag numbers above 30 take more bytes; certificates have none.
    if (rest_.size() < 2 || (rest_[0] & 0x1f) == 0x1f) {
        fail();
        return {};
    }
    std::size_t header = 2;
    std::size_t length = rest_[1];
    if (length >= 0x80) {
        const std::size_t count = length & 0x7f;
        if (count == 0 || count > 3 || rest_.size() < 2 + count || rest_[2] == 0) {
            fail();
            return {};
        }
        length = 0;
        for (std::size_t i = 0; i < count; ++i)
            length = length << 8 | rest_[2 + i];
        header += count;
        if (length < 0x80) { // X.690, 10.1: the short form was due
            fail();
            return {};
        }
    }
    if (length > rest_.size() - header) {
        fail();
        return {};
    }
    const Element element{rest_[0], rest_.subspan(header, length), rest_.first(header + length)};
    rest_ = rest_.subspan(header + length);
    return element;
}

Bytes Reader::expect(std::uint8_t tag) {
    if (peek() != tag) {
        fail();
        return {};
    }
    return next().value;
}

Bytes Reader::optional(std::uint8_t tag) { return peek() == tag ? next().value : Bytes{}; }

} // namespace ussl::der
