// Structures of DER that are read by a table: what stands where in them, instead of code for each
// element, which takes several times the flash.
//
//   struct Extension { Bytes id, critical, value; };
//   constexpr Step extension_shape[] = {
//       {object_identifier, store, offsetof(Extension, id)},
//       {boolean, optional | octet | store, offsetof(Extension, critical)},
//       {octet_string, store, offsetof(Extension, value)},
//       {0, leave},
//   };
//   Extension extension;
//   const bool readable = read(der, extension_shape, &extension);
#pragma once

#include "ussl/x509/der.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::der {

// What is done with the next element, beside a look at its tag. Bits.
enum Action : std::uint8_t {
    check = 0,
    store = 1,       // its contents
    store_whole = 2, // tag and length included
    enter = 4,       // goes on with its contents, up to the `leave` that belongs to it
    optional = 8,    // it may be absent; with `enter`, all up to the next `leave` is then left out
    any_tag = 16,
    octet = 32,  // its contents are one byte
    bytes = 64,  // of a BIT STRING: whole bytes; the count of unused bits is not stored
    leave = 128, // no element: the structure ends here, and nothing may be left of it, ...
    leave_rest = leave | optional, // ... or whatever is left does not matter, ...
    again = leave | enter, // ... or it ends, and as long as there are more elements of the outer
                           // structure, they are such structures again
};

struct Step {
    // `offset`: of the Bytes in the caller's struct that the element is to be stored in.
    constexpr Step(std::uint8_t expected, std::uint8_t what, std::size_t offset = 0)
        : tag(expected), action(what), into(static_cast<std::uint8_t>(offset / unit)) {}

    static constexpr std::size_t unit = alignof(Bytes); // so that a byte counts far enough
    std::uint8_t tag;
    std::uint8_t action;
    std::uint8_t into;
};

// Behind the `leave` that ends the structure that begins at `step`. Null: there is none before
// `end`.
constexpr const Step* end_of_shape(const Step* step, const Step* end) {
    for (unsigned depth = 1; step != end; ++step) {
        if ((step->action & leave) == 0)
            depth += (step->action & enter) != 0 ? 1 : 0;
        else if (--depth == 0)
            return step + 1;
    }
    return nullptr;
}

void a_leave_too_many_or_too_few(); // what the compiler stops at

// A table, each `enter` of which has a `leave`, and the whole has one: the compiler looks.
class Shape {
public:
    template<std::size_t count>
    // NOLINTNEXTLINE(google-explicit-constructor)
    consteval Shape(const Step (&table)[count]) : steps(table) {
        if (end_of_shape(table, table + count) != table + count) a_leave_too_many_or_too_few();
    }
    // One of several in a table whose author has asked end_of_shape() about each.
    explicit constexpr Shape(const Step* first) : steps(first) {}

    const Step* steps;
};

// Whether `der` is the structure that `shape` describes, up to the `leave` that ends it. What was
// stored in `into` points into `der`; what was absent is not touched.
bool read(const Bytes& der, Shape shape, void* into);

} // namespace ussl::der
