// A reader of DER (X.690) in place: bounded by the view it is given, and without allocation.
#pragma once

#include "ussl/bytes.hpp"

#include <cstdint>

namespace ussl::der {

// The tags that certificates and keys use (X.690, 8.1.2), class and constructed bit included.
enum Tag : std::uint8_t {
    boolean = 0x01,
    integer = 0x02,
    bit_string = 0x03,
    octet_string = 0x04,
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

// What is left of a row of elements, and the one that was taken off its front last.
struct Row {
    Bytes rest;
    Bytes value; // contents

    explicit Row(const Bytes& der) : rest(der) {}

    // Takes the next element. Returns its tag; 0 where there is none or it is malformed: then all
    // stays as it is. Only single-byte tags and definite, minimal lengths below 2^24 are DER that
    // occurs here.
    std::uint8_t take();

    // Whether there is one, and it has this tag.
    bool take(std::uint8_t tag) { return take() == tag; }

    bool at_end() const { return rest.empty(); }
};

struct Element {
    std::uint8_t tag = 0;
    Bytes value; // the contents
    Bytes whole; // tag and length included
};

// Reads elements one after the other. A reader that met something malformed is `bad` from then on,
// and finds nothing more, so that callers check once at the end. The readers of what is nested
// in an element share that verdict with the reader they came from.
class Parser {
public:
    explicit Parser(Bytes der) : rest_(der), bad_(&own_bad_) {}
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    // Of this reader, and of every other one that shares its verdict.
    bool bad() const { return *bad_; }
    bool at_end() const { return rest_.empty(); }

    // The next element's tag; 0 at the end.
    std::uint8_t peek() const { return rest_.empty() ? std::uint8_t{0} : rest_.front(); }

    // The next element, whatever it is. What is not DER (see Row) makes the reader bad.
    Element next();

    // The contents of the next element, which must have this tag, else the reader is bad.
    Bytes expect(std::uint8_t tag);

    // As expect(), where the element may be absent: then empty, and nothing is consumed.
    Bytes optional(std::uint8_t tag);

    // A reader of the contents of the next element, which must have this tag. It must not outlive
    // this one.
    Parser enter(std::uint8_t tag) { return Parser(expect(tag), *this); }

    // For a structure that ends here: bad if anything is left.
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

// Whether `der` is a row of elements from its first to its last byte, at every depth.
bool is_well_formed(const Bytes& der);

} // namespace ussl::der
