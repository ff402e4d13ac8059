#include "ussl/bytes.hpp"

#include <cstring>

namespace ussl {

void wipe(MutableBytes secret) {
    if (secret.empty()) return; // memset() takes no null pointer, whatever the size
    std::memset(secret.data(), 0, secret.size());
    // The barrier makes the compiler believe that the zeros are read.
    __asm__ __volatile__("" : : "r"(secret.data()) : "memory");
}

} // namespace ussl
