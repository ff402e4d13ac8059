#include "ussl/bytes.hpp"

#include <cstring>

namespace ussl {

bool equal(const Bytes& a, const Bytes& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Half a byte at a time.
std::uint32_t crc32(const Bytes& bytes, std::uint32_t before) {
    static constexpr std::uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                                0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                                0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                                0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    std::uint32_t sum = ~before;
    for (const std::uint8_t byte : bytes) {
        sum ^= byte;
        sum = sum >> 4 ^ table[sum & 15];
        sum = sum >> 4 ^ table[sum & 15];
    }
    return ~sum;
}

void wipe(void* secret, std::size_t size) {
    if (size == 0) return; // memset() takes no null pointer, whatever the size
    std::memset(secret, 0, size);
    // The barrier makes the compiler believe that the zeros are read.
    __asm__ __volatile__("" : : "r"(secret) : "memory");
}

} // namespace ussl
