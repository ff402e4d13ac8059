/* BearSSL's src/ec/ec_p256_m31.c. Its reductions modulo p are loops over words of 64 bits with
 * fixed shifts, and so much slower than what they become without loops. */
#include <inner.h>

#include "ussl/features.hpp"

#if !USSL_SMALL_CODE && defined(__OPTIMIZE_SIZE__) && !defined(__clang__)
#define WITHOUT_LOOPS __attribute__((optimize("O3")))
static void mul9(uint32_t* d, const uint32_t* a, const uint32_t* b) WITHOUT_LOOPS;
static void square9(uint32_t* d, const uint32_t* a) WITHOUT_LOOPS;
static void add_f256(uint32_t* d, const uint32_t* a, const uint32_t* b) WITHOUT_LOOPS;
static void sub_f256(uint32_t* d, const uint32_t* a, const uint32_t* b) WITHOUT_LOOPS;
static void mul_f256(uint32_t* d, const uint32_t* a, const uint32_t* b) WITHOUT_LOOPS;
static void square_f256(uint32_t* d, const uint32_t* a) WITHOUT_LOOPS;
#endif

#include <ec/ec_p256_m31.c>
