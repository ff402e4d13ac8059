#include "ussl/bytes.hpp"

#include <cstring>

namespace ussl {

bool equal(const Bytes& a, const Bytes& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(void* secret, std::size_t size) {
    if (size == 0) return; // memset() takes no null pointer, whatever the size
    std::memset(secret, 0, size);
    // The barrier makes the compiler believe that the zeros are read.
    __asm__ __volatile__("" : : "r"(secret) : "memory");
}

} // namespace ussl
