#include "ussl/x509/der.hpp"

namespace ussl::der {

std::uint8_t Row::take() {
    const std::uint8_t* at = rest.data();
    std::size_t left = rest.size();
    if (left < 2) return 0;
    const std::uint8_t tag = *at++;
    std::size_t length = *at++;
    left -= 2;
    if (length > 0x7f) {
        std::size_t count = length & 0x7f;
        if (count == 0 || count > 3 || count > left || *at == 0) return 0;
        left -= count;
        length = 0;
        do
            length = length << 8 | *at++;
        while (--count != 0);
        if (length < 0x80) return 0; // X.690, 10.1: the short form was due
    }
    // X.690, 8.1.2.4: tag numbers above 30 take more bytes; certificates have none.
    if (length > left || (tag & 0x1f) == 0x1f) return 0;
    value = {at, length};
    rest = {at + length, left - length};
    return tag;
}

Element Reader::next() {
    Row row(rest_);
    Element element;
    element.tag = row.take();
    if (element.tag == 0) {
        fail();
        return element;
    }
    element.value = row.value;
    element.whole = rest_.first(rest_.size() - row.rest.size());
    rest_ = row.rest;
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

namespace {

bool is_well_formed(const Bytes& der, unsigned depth) {
    constexpr unsigned max_depth = 16; // of what is read here, with room to spare
    constexpr std::uint8_t constructed = 0x20;
    Row row(der);
    while (!row.at_end()) {
        const std::uint8_t tag = row.take();
        if (tag == 0 || ((tag & constructed) != 0 &&
                         (depth == max_depth || !is_well_formed(row.value, depth + 1))))
            return false;
    }
    return true;
}

} // namespace

bool is_well_formed(const Bytes& der) { return is_well_formed(der, 0); }

} // namespace ussl::der
