// Reads structures of DER by a table that describes them. Code for each element takes several times
// the flash.
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

// What to do with the next element, besides checking its tag. Bits.
enum Action : std::uint8_t {
    check = 0,
    store = 1,       // store its contents
    store_whole = 2, // store it with tag and length
    enter = 4,       // continue with its contents, up to the matching `leave`
    optional = 8, // may be absent; with `enter`, everything up to the next `leave` is skipped then
    any_tag = 16,
    octet = 32,  // the contents are one byte
    bytes = 64,  // a BIT STRING of whole bytes; the count of unused bits is not stored
    leave = 128, // not an element: the structure must end here, ...
    leave_rest = leave | optional, // ... or anything may follow in it, ...
    again = leave | enter, // ... or it ends here, and further elements of the outer structure are
                           // such structures again
};

struct Step {
    // `offset`: of the Bytes in the caller's struct that receive the element.
    constexpr Step(std::uint8_t expected, std::uint8_t what, std::size_t offset = 0)
        : tag(expected), action(what), into(static_cast<std::uint8_t>(offset / unit)) {}

    static constexpr std::size_t unit = alignof(Bytes); // so that offsets fit into a byte
    std::uint8_t tag;
    std::uint8_t action;
    std::uint8_t into;
};

// The step behind the `leave` that ends the structure starting at `step`. Null: no such step before
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

void a_leave_too_many_or_too_few(); // names the compiler's error

// A table with a `leave` for each `enter` and one at its end; the compiler checks that.
class Shape {
public:
    template<std::size_t count>
    // NOLINTNEXTLINE(google-explicit-constructor)
    consteval Shape(const Step (&table)[count]) : steps(table) {
        if (end_of_shape(table, table + count) != table + count) a_leave_too_many_or_too_few();
    }
    // One of several tables in an array; the author must check each with end_of_shape().
    explicit constexpr Shape(const Step* first) : steps(first) {}

    const Step* steps;
};

// Whether `der` is the structure that `shape` describes, up to its final `leave`. The members of
// `into` that were stored point into `der`; those of absent elements are unchanged.
bool read(const Bytes& der, Shape shape, void* into);

} // namespace ussl::der
