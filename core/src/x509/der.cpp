#include "ussl/x509/der.hpp"

#include "ussl/x509/der_shape.hpp"

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
        if (length < 0x80) return 0; // X.690, 10.1: the short form is mandatory
    }
    // X.690, 8.1.2.4: tag numbers above 30 take more bytes; certificates have none.
    if (length > left || (tag & 0x1f) == 0x1f) return 0;
    value = {at, length};
    rest = {at + length, left - length};
    return tag;
}

// --- Tables ---

namespace {

// Returns the `leave` of this structure; null: `der` does not match. Recursion is as deep as the
// tables.
#ifndef __OPTIMIZE_SIZE__
[[gnu::flatten]] // with take() in the loop
#endif
const Step*
// NOLINTNEXTLINE(misc-no-recursion)
read_structure(const Bytes& der, const Step* step, std::uint8_t* into) {
    Row row(der);
    unsigned action;
    for (; ((action = step->action) & leave) == 0; ++step) {
        const std::uint8_t* const begin = row.rest.data();
        if ((action & optional) != 0 && (row.at_end() || *begin != step->tag)) {
            if ((action & enter) != 0)
                while ((step->action & leave) == 0)
                    ++step;
            continue;
        }
        const std::uint8_t tag = row.take();
        Bytes& value = row.value;
        if (tag == 0 || ((action & any_tag) == 0 && tag != step->tag) ||
            ((action & octet) != 0 && value.size() != 1))
            return nullptr;
        if ((action & bytes) != 0) {
            if (value.empty() || value[0] != 0) return nullptr;
            value = value.subspan(1);
        }
        auto& target = *reinterpret_cast<Bytes*>(into + step->into * Step::unit);
        if ((action & store) != 0) target = value;
        if ((action & store_whole) != 0) target = {begin, row.rest.data()};
        if ((action & enter) != 0) {
            const Step* const end = read_structure(value, step + 1, into);
            if (end == nullptr) return nullptr;
            step = (end->action & enter) != 0 && !row.at_end() ? step - 1 : end;
        }
    }
    return row.at_end() || (action & optional) != 0 ? step : nullptr;
}

} // namespace

bool read(const Bytes& der, Shape shape, void* into) {
    return read_structure(der, shape.steps, static_cast<std::uint8_t*>(into)) != nullptr;
}

// --- Readers ---

Element Parser::next() {
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

Bytes Parser::expect(std::uint8_t tag) {
    const Element element = next();
    if (element.tag != tag) {
        fail();
        return {};
    }
    return element.value;
}

Bytes Parser::optional(std::uint8_t tag) { return peek() == tag ? next().value : Bytes{}; }

namespace {

// NOLINTNEXTLINE(misc-no-recursion): to max_depth
bool is_well_formed(const Bytes& der, unsigned depth) {
    constexpr unsigned max_depth = 16; // more than any structure here has
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
