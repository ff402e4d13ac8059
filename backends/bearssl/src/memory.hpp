// What the adapter keeps for BearSSL: memory of ussl::allocator(), and bytes of the caller's that
// the library's structures point to without const, and does not write.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"

#include <cstddef>

namespace ussl::bearssl {

// Room for `count` of T, not constructed; nullptr: none is left.
template<class T>
T* allocate(std::size_t count) {
    return static_cast<T*>(ussl::allocate(count * sizeof(T)));
}

inline unsigned char* unconst(Bytes bytes) { return const_cast<unsigned char*>(bytes.data()); }

} // namespace ussl::bearssl
