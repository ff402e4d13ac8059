// amended/aes_ct_enc.c and ghash_ctmul32.c against FIPS 197 and NIST SP 800-38D, read literally:
// byte by byte, bit by bit. Processors of hosts have instructions for both, and never come here.
#include "support/arithmetic.hpp"

#include <bearssl.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace ussl::test {
namespace {

using Block = std::array<std::uint8_t, 16>;

// Random bytes, or those with which most is added up.
template<std::size_t size>
std::array<std::uint8_t, size> bytes() {
    std::array<std::uint8_t, size> result;
    const unsigned kind = random() % 4;
    for (std::uint8_t& byte : result)
        byte = kind == 0 ? 0xff : static_cast<std::uint8_t>(random());
    if (kind != 1) return result;
    result = {};
    result[random() % size] = static_cast<std::uint8_t>(1 << random() % 8);
    return result;
}

constexpr std::uint8_t doubled(std::uint8_t a) {
    return static_cast<std::uint8_t>(a << 1 ^ (a >> 7) * 0x1b);
}

constexpr std::uint8_t product(std::uint8_t a, std::uint8_t b) {
    std::uint8_t result = 0;
    for (; b != 0; b >>= 1, a = doubled(a))
        if ((b & 1) != 0) result ^= a;
    return result;
}

constexpr std::uint8_t substituted(std::uint8_t a) {
    std::uint8_t power = a, inverse = 1; // the 254th power
    for (unsigned bit = 1; bit != 8; ++bit) {
        power = product(power, power);
        inverse = product(inverse, power);
    }
    std::uint8_t result = 0x63;
    for (unsigned i = 0; i != 5; ++i)
        result ^= static_cast<std::uint8_t>(inverse << i | inverse >> (8 - i));
    return result;
}

constexpr auto box = [] {
    std::array<std::uint8_t, 256> result{};
    for (std::size_t i = 0; i != 256; ++i)
        result[i] = substituted(static_cast<std::uint8_t>(i));
    return result;
}();

struct Aes {
    Aes(const std::uint8_t* key, std::size_t words) : rounds(words + 6) {
        std::memcpy(expanded[0], key, 4 * words);
        std::uint8_t constant = 1;
        for (std::size_t i = words; i != 4 * (rounds + 1); ++i) {
            std::uint8_t word[4];
            std::memcpy(word, expanded[i - 1], sizeof word);
            if (i % words == 0) {
                const std::uint8_t first = word[0];
                for (std::size_t j = 0; j != 4; ++j)
                    word[j] = box[j == 3 ? first : word[j + 1]];
                word[0] ^= constant;
                constant = doubled(constant);
            } else if (words > 6 && i % words == 4) {
                for (std::uint8_t& byte : word)
                    byte = box[byte];
            }
            for (std::size_t j = 0; j != 4; ++j)
                expanded[i][j] = expanded[i - words][j] ^ word[j];
        }
    }

    Block encrypt(Block block) const {
        add_key(block, 0);
        for (std::size_t round = 1; round <= rounds; ++round) {
            Block shifted;
            for (std::size_t i = 0; i != 16; ++i)
                shifted[i] = box[block[(i + 4 * (i % 4)) % 16]];
            block = shifted;
            for (std::size_t i = 0; i != 16 && round != rounds; ++i) {
                const std::size_t column = i & ~std::size_t{3};
                const auto at = [&](std::size_t row) { return shifted[column + (i + row) % 4]; };
                block[i] = doubled(at(0)) ^ doubled(at(1)) ^ at(1) ^ at(2) ^ at(3);
            }
            add_key(block, round);
        }
        return block;
    }

    void add_key(Block& block, std::size_t round) const {
        for (std::size_t i = 0; i != 16; ++i)
            block[i] ^= expanded[4 * round + i / 4][i % 4];
    }

    std::size_t rounds;
    std::uint8_t expanded[60][4];
};

bool encrypts(std::size_t words) {
    const auto key = bytes<32>(), data = bytes<32>();
    const auto iv = bytes<12>();
    const Aes aes(key.data(), words);
    const std::uint32_t counter = random();
    br_aes_ct_ctr_keys keys;
    br_aes_ct_ctr_init(&keys, key.data(), 4 * words);
    auto result = data;
    br_aes_ct_ctr_run(&keys, iv.data(), counter, result.data(), result.size());
    for (std::size_t i = 0; i != 2; ++i) {
        Block block;
        std::memcpy(block.data(), iv.data(), iv.size());
        for (std::size_t j = 0; j != 4; ++j)
            block[12 + j] = static_cast<std::uint8_t>((counter + i) >> (24 - 8 * j));
        block = aes.encrypt(block);
        for (std::size_t j = 0; j != 16; ++j)
            if (result[16 * i + j] != (data[16 * i + j] ^ block[j])) return false;
    }
    return true;
}

Block product(const Block& a, Block b) {
    Block result{};
    for (std::size_t bit = 0; bit != 128; ++bit) {
        if ((a[bit / 8] >> (7 - bit % 8) & 1) != 0)
            for (std::size_t i = 0; i != 16; ++i)
                result[i] ^= b[i];
        const bool reduces = (b[15] & 1) != 0;
        for (std::size_t i = 16; i-- != 0;)
            b[i] = static_cast<std::uint8_t>(b[i] >> 1 | (i != 0 ? b[i - 1] << 7 : 0));
        if (reduces) b[0] ^= 0xe1;
    }
    return result;
}

bool hashes(std::size_t size) {
    const Block key = bytes<16>(), before = bytes<16>();
    const auto data = bytes<48>();
    Block expected = before, result = before;
    for (std::size_t i = 0; i != size; ++i) {
        expected[i % 16] ^= data[i];
        if (i % 16 == 15 || i + 1 == size) expected = product(expected, key);
    }
    br_ghash_ctmul32(result.data(), key.data(), data.data(), size);
    return result == expected;
}

} // namespace

const char* arithmetic_fault(unsigned rounds) {
    for (; rounds != 0; --rounds) {
        if (!encrypts(random() % 2 == 0 ? 4 : 8)) return "AES in counter mode";
        if (!hashes(random() % 49)) return "GHASH";
    }
    return nullptr;
}

} // namespace ussl::test
