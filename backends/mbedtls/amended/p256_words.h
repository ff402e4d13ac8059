/* Arithmetic modulo secp256r1's prime, in words of 32 bits, for ecp.c. Constant time. Numbers have
 * eight words, the lowest first, and are less than the prime. Results may be where operands are. */
#ifndef USSL_MBEDTLS_P256_WORDS_H
#define USSL_MBEDTLS_P256_WORDS_H

#include <stdint.h>

/* The lowest 256 bits of a sum (carry: 0 or 1 more) or of a difference. Return what is left for
 * 2^256: 0 or 1, and 0 or 0xffffffff for -1. */
static uint32_t p256_add_words(uint32_t* to, const uint32_t* a, const uint32_t* b, uint32_t carry);
static uint32_t p256_subtract_words(uint32_t* to, const uint32_t* a, const uint32_t* b);

#if defined(__thumb__) && !defined(__thumb2__) && defined(__GNUC__)
/* Cortex-M0+: a compiler does not keep the carry from one instruction to the next. */
#define EIGHT(first, other) first other other other other other other other
#define WORD(operation)                                                                            \
    "ldmia %[a]!, {r5}\n"                                                                          \
    "ldmia %[b]!, {r6}\n" operation " r5, r5, r6\n"                                                \
    "stmia %[to]!, {r5}\n"

static uint32_t p256_add_words(uint32_t* to, const uint32_t* a, const uint32_t* b, uint32_t carry) {
    /* `lsrs` makes it the flag, and leaves 0. */
    __asm__ volatile(".syntax unified\nlsrs %[carry], %[carry], #1\n" EIGHT(
                         WORD("adcs"), WORD("adcs")) "adcs %[carry], %[carry], %[carry]\n"
                     : [to] "+l"(to), [a] "+l"(a), [b] "+l"(b), [carry] "+l"(carry)
                     :
                     : "r5", "r6", "cc", "memory");
    return carry;
}

static uint32_t p256_subtract_words(uint32_t* to, const uint32_t* a, const uint32_t* b) {
    uint32_t borrow;
    __asm__ volatile(".syntax unified\n" EIGHT(
                         WORD("subs"), WORD("sbcs")) "sbcs %[borrow], %[borrow], %[borrow]\n"
                     : [to] "+l"(to), [a] "+l"(a), [b] "+l"(b), [borrow] "=l"(borrow)
                     :
                     : "r5", "r6", "cc", "memory");
    return borrow;
}
#undef WORD
#undef EIGHT

/* Its multiplication has a result of 32 bits, so it multiplies halves of words. Every second half
 * of `a` times a half gives products that lie side by side, and one carry goes through them. Adds
 * them to eight words; returns the carry. */
__attribute__((always_inline)) static inline uint32_t p256_add_row(uint32_t* to, const uint16_t* a,
                                                                   uint32_t half) {
    const uint32_t* from = to;
    uint32_t product;
#define TWO(add, first, second)                                                                    \
    "ldmia %[from]!, {r5, r6}\n"                                                                   \
    "ldrh %[product], [%[a], #" #first "]\n"                                                       \
    "muls %[product], %[half], %[product]\n" add " r5, r5, %[product]\n"                           \
    "ldrh %[product], [%[a], #" #second "]\n"                                                      \
    "muls %[product], %[half], %[product]\n"                                                       \
    "adcs r6, r6, %[product]\n"                                                                    \
    "stmia %[to]!, {r5, r6}\n"
    __asm__ volatile(".syntax unified\n" TWO("adds", 0, 4) TWO("adcs", 8, 12) TWO("adcs", 16, 20)
                         TWO("adcs", 24, 28) "movs %[half], #0\nadcs %[half], %[half], %[half]\n"
                     : [from] "+l"(from), [to] "+l"(to), [half] "+l"(half), [product] "=&l"(product)
                     : [a] "l"(a)
                     : "r5", "r6", "cc", "memory");
#undef TWO
    return half;
}

#define P256_MULTIPLIES

/* The product's 16 words. `square`: a and b are the same. */
static void p256_multiply_words(uint32_t* product, const uint32_t* a, const uint32_t* b,
                                int square) {
    uint32_t middle[16];                            /* 16 bits higher */
    const uint16_t* const low = (const uint16_t*)a; /* which only the assembly reads */
    const uint16_t* const high = low + 1;
    uint32_t carry = 0, below = 0;
    for (int i = 0; i != 8; ++i)
        product[i] = middle[i] = 0;
    for (int i = 0; i != 8; ++i) {
        const uint32_t b_low = b[i] & 0xffff, b_high = b[i] >> 16;
        uint32_t* const at = product + i;
        at[8] = carry + p256_add_row(at, low, b_low);
        carry = p256_add_row(at + 1, high, b_high);
        uint32_t* const between = middle + i;
        between[8] = p256_add_row(between, high, b_low);
        if (!square) between[8] += p256_add_row(between, low, b_high);
    }
    /* For a square, low times high and high times low are the same. */
    const int shift = 16 + (square != 0), other = 32 - shift;
    for (int i = 0; i != 16; ++i) {
        const uint32_t word = middle[i];
        middle[i] = word << shift | below;
        below = word >> other;
    }
    carry = p256_add_words(product, product, middle, 0);
    p256_add_words(product + 8, product + 8, middle + 8, carry);
}

#else
static uint32_t p256_add_words(uint32_t* to, const uint32_t* a, const uint32_t* b, uint32_t carry) {
    uint64_t sum = carry;
    for (int i = 0; i != 8; ++i) {
        sum += (uint64_t)a[i] + b[i];
        to[i] = (uint32_t)sum;
        sum >>= 32;
    }
    return (uint32_t)sum;
}

static uint32_t p256_subtract_words(uint32_t* to, const uint32_t* a, const uint32_t* b) {
    int64_t sum = 0;
    for (int i = 0; i != 8; ++i) {
        sum += (int64_t)a[i] - b[i];
        to[i] = (uint32_t)sum;
        sum >>= 32;
    }
    return (uint32_t)sum;
}
#endif

/* Adds k * (2^256 - prime), k from -8 to 8; returns what is left for 2^256. So a number with k at
 * 2^256 becomes one that is equal to it modulo the prime. */
static int32_t p256_fold(uint32_t* to, int32_t k) {
    const uint32_t negative = (uint32_t)(k >> 31), positive = (uint32_t)(-k >> 31);
    const uint32_t n = (uint32_t)k;
    const uint32_t terms[8] = {n,        negative, negative,     negative - n,
                               positive, positive, positive - n, positive + n};
    return (int32_t)(negative + p256_add_words(to, to, terms, 0));
}

static void p256_subtract(uint32_t* to, const uint32_t* a, const uint32_t* b) {
    p256_fold(to, (int32_t)p256_subtract_words(to, a, b));
}

static void p256_add(uint32_t* to, const uint32_t* a, const uint32_t* b) {
    const uint32_t k = p256_add_words(to, a, b, 0);
    p256_fold(to, (int32_t)k - 1 + p256_fold(to, 1)); /* less the prime, negative if it was less */
}

/* 16 words modulo the prime (FIPS 186-4, D.2.3). */
static void p256_reduce(uint32_t* to, const uint32_t* a) {
    int64_t sum = 0;
#define A(i) (int64_t) a[i]
#define NEXT(i)                                                                                    \
    to[i] = (uint32_t)sum;                                                                         \
    sum >>= 32
    sum += A(0) + A(8) + A(9) - A(11) - A(12) - A(13) - A(14);
    NEXT(0);
    sum += A(1) + A(9) + A(10) - A(12) - A(13) - A(14) - A(15);
    NEXT(1);
    sum += A(2) + A(10) + A(11) - A(13) - A(14) - A(15);
    NEXT(2);
    sum += A(3) + A(11) + A(11) + A(12) + A(12) + A(13) - A(15) - A(8) - A(9);
    NEXT(3);
    sum += A(4) + A(12) + A(12) + A(13) + A(13) + A(14) - A(9) - A(10);
    NEXT(4);
    sum += A(5) + A(13) + A(13) + A(14) + A(14) + A(15) - A(10) - A(11);
    NEXT(5);
    sum += A(6) + A(14) + A(14) + A(15) + A(15) + A(14) + A(13) - A(8) - A(9);
    NEXT(6);
    sum += A(7) + A(15) + A(15) + A(15) + A(8) - A(10) - A(11) - A(12) - A(13);
    NEXT(7);
#undef A
#undef NEXT
    int32_t k = p256_fold(to, (int32_t)sum); /* -1, 0 or 1 remains at 2^256 */
    k = p256_fold(to, k + 1) - 1;            /* this, less the prime: negative if it was less */
    p256_fold(to, k);
}
#endif
