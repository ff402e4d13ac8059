// Reads DER (X.690) in place: within the bounds of a view, without allocation.
#pragma once

#include "ussl/bytes.hpp"

#include <cstdint>

namespace ussl::der {

// The tags in certificates and keys (X.690, 8.1.2), including class and constructed bit.
enum Tag : std::uint8_t {
    boolean = 0x01,
    integer = 0x02,
    bit_string = 0x03,
    octet_string = 0x04,
    null = 0x05,
    object_identifier = 0x06,
    utf8_string = 0x0c,
    utc_time = 0x17,
    generalized_time = 0x18,
    sequence = 0x30,
    set = 0x31,
};

// Context-specific tags [n].
constexpr std::uint8_t context_primitive(unsigned n) { return static_cast<std::uint8_t>(0x80 | n); }
constexpr std::uint8_t context_constructed(unsigned n) {
    return static_cast<std::uint8_t>(0xa0 | n);
}

// A row of elements: what is left of it, and the contents of the element taken last.
struct Row {
    Bytes rest;
    Bytes value; // contents

    explicit Row(const Bytes& der) : rest(der) {}

    // Takes the next element and returns its tag. 0: there is none, or it is malformed; nothing has
    // changed. Accepts only single-byte tags and definite, minimal lengths below 2^24: certificates
    // and keys use no others.
    std::uint8_t take();

    // Whether there is an element with this tag.
    bool take(std::uint8_t tag) { return take() == tag; }

    bool at_end() const { return rest.empty(); }
};

struct Element {
    std::uint8_t tag = 0;
    Bytes value; // the contents
    Bytes whole; // tag and length included
};

// Reads elements one after the other. After a malformed element a parser is bad and finds nothing
// more, so callers check once at the end. Parsers of nested elements share that state with the
// parser that they come from.
class Parser {
public:
    explicit Parser(Bytes der) : rest_(der), bad_(&own_bad_) {}
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    // Of this parser, and of all that share its state.
    bool bad() const { return *bad_; }
    bool at_end() const { return rest_.empty(); }

    // The next element's tag; 0 at the end.
    std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_.front(); }

    // The next element, with any tag. Malformed elements (see Row) make the parser bad.
    Element next();

    // The contents of the next element. If it has another tag the parser is bad.
    Bytes expect(std::uint8_t tag);

    // As expect(), for optional elements. Empty: it is absent, and nothing was consumed.
    Bytes optional(std::uint8_t tag);

    // A parser for the contents of the next element, which must have this tag. It must not outlive
    // this parser.
    Parser enter(std::uint8_t tag) { return Parser(expect(tag), *this); }

    // At the end of a structure: bad if anything is left.
    void finish() {
        if (!rest_.empty()) fail();
    }

    void fail() { *bad_ = true, rest_ = {}; }

private:
    Parser(Bytes der, Parser& outer) : rest_(der), bad_(outer.bad_) {}

    Bytes rest_;
    bool* bad_;
    bool own_bad_ = false;
};

// Whether `der` consists of whole elements from its first to its last byte, at every depth.
bool is_well_formed(const Bytes& der);

} // namespace ussl::der
