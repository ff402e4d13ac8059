#include "ussl/x509/der.hpp"

namespace ussl::der {

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
