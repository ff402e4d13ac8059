// Memory that adapters keep for their libraries, from ussl::allocator() or the caller.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"

#include <cstddef>

namespace ussl {

// Memory for `count` objects, not constructed. Null: no memory.
template<class T>
T* allocate_for(std::size_t count) {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): T may be a pointer
    return static_cast<T*>(ussl::allocate(count * sizeof(T)));
}

// For members of library structures that are not const although the library only reads them.
inline std::uint8_t* unconst(Bytes bytes) { return const_cast<std::uint8_t*>(bytes.data()); }

} // namespace ussl
