// What adapters keep for their libraries, in memory of ussl::allocator() or of the caller.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"

#include <cstddef>

namespace ussl {

// Room for `count` of T, not constructed; null: there is none.
template<class T>
T* allocate_for(std::size_t count) {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers, too
    return static_cast<T*>(ussl::allocate(count * sizeof(T)));
}

// Bytes that the library's structures point to without const, and does not write.
inline std::uint8_t* unconst(Bytes bytes) { return const_cast<std::uint8_t*>(bytes.data()); }

} // namespace ussl
