// amended/p256_words.h against arithmetic that is slow and obvious: bit by bit. On hosts its C, on
// a board the assembly for a Cortex-M0+.
#include "support/arithmetic.hpp"

#include "../amended/p256_words.h"

#include <cstddef>

namespace ussl::test {
namespace {

struct Number {
    std::uint32_t words[8];
    bool operator==(const Number&) const = default;
};

struct Product {
    std::uint32_t words[16];
    bool operator==(const Product&) const = default;
};

constexpr Number prime = {{0xffffffff, 0xffffffff, 0xffffffff, 0, 0, 0, 1, 0xffffffff}};

bool reaches_prime(const Number& a) {
    for (std::size_t i = 8; i-- != 0;)
        if (a.words[i] != prime.words[i]) return a.words[i] > prime.words[i];
    return true;
}

Number remainder(const Product& a) {
    Number result{};
    for (std::size_t bit = 512; bit-- != 0;) {
        const bool above = result.words[7] >> 31;
        for (std::size_t i = 7; i != 0; --i)
            result.words[i] = result.words[i] << 1 | result.words[i - 1] >> 31;
        result.words[0] = result.words[0] << 1 | (a.words[bit / 32] >> bit % 32 & 1);
        if (!above && !reaches_prime(result)) continue;
        std::uint32_t borrow = 0;
        for (std::size_t i = 0; i != 8; ++i) {
            const std::uint64_t less = std::uint64_t{result.words[i]} - prime.words[i] - borrow;
            result.words[i] = static_cast<std::uint32_t>(less);
            borrow = static_cast<std::uint32_t>(less >> 63);
        }
    }
    return result;
}

Product product(const Number& a, const Number& b) {
    Product result{};
    for (std::size_t i = 0; i != 8; ++i) {
        std::uint64_t sum = 0;
        for (std::size_t j = 0; j != 8; ++j) {
            sum += std::uint64_t{a.words[i]} * b.words[j] + result.words[i + j];
            result.words[i + j] = static_cast<std::uint32_t>(sum);
            sum >>= 32;
        }
        result.words[i + 8] = static_cast<std::uint32_t>(sum);
    }
    return result;
}

Product sum(const Number& a, const Number& b) {
    Product result{};
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i != 8; ++i) {
        sum += std::uint64_t{a.words[i]} + b.words[i];
        result.words[i] = static_cast<std::uint32_t>(sum);
        sum >>= 32;
    }
    result.words[8] = static_cast<std::uint32_t>(sum);
    return result;
}

// Random words, or those at which carries go far.
std::uint32_t word(std::size_t i, bool plain) {
    switch (plain ? 5 : random() % 6) {
    case 0: return 0;
    case 1: return 0xffffffff;
    case 2: return prime.words[i % 8];
    case 3: return prime.words[i % 8] - 1;
    case 4: return 0xffff0000 >> random() % 2 * 16;
    default: return random();
    }
}

Number number() {
    Number result;
    do {
        const bool plain = random() % 4 == 0;
        for (std::size_t i = 0; i != 8; ++i)
            result.words[i] = word(i, plain);
    } while (reaches_prime(result));
    return result;
}

Product any_product() {
    Product result;
    const bool plain = random() % 4 == 0;
    for (std::size_t i = 0; i != 16; ++i)
        result.words[i] = word(i, plain);
    return result;
}

} // namespace

const char* arithmetic_fault(unsigned rounds) {
    for (; rounds != 0; --rounds) {
        const Number a = number(), b = number();
        Number result = a; // where an operand is
        p256_add(result.words, result.words, b.words);
        if (result != remainder(sum(a, b))) return "a sum";
        p256_subtract(result.words, result.words, b.words);
        if (result != a) return "a difference";
        p256_subtract(result.words, a.words, a.words);
        if (result != Number{}) return "a difference of equal numbers";
        const Product ab = product(a, b), wide = any_product();
        p256_reduce(result.words, ab.words);
        if (result != remainder(ab)) return "a product's remainder";
        p256_reduce(result.words, wide.words);
        if (result != remainder(wide)) return "a remainder";
#if defined(P256_MULTIPLIES)
        Product of_words;
        p256_multiply_words(of_words.words, a.words, b.words, 0);
        if (of_words != ab) return "a product";
        p256_multiply_words(of_words.words, a.words, a.words, 1);
        if (of_words != product(a, a)) return "a square";
#endif
    }
    return nullptr;
}

} // namespace ussl::test
