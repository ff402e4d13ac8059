// wolfSSL's wolfcrypt/src/sp_c32.c: numbers in C, for processors that it has no assembly for
// (RISC-V). With WOLFSSL_SP_SMALL it multiplies in loops, and a third of a handshake goes to
// counting them; without, it has a table of 18 KB and takes 7 KB of heap as well. So P-256's
// products stand here, each column by itself, and the rest remains small.
#include "ussl/features.hpp"

#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#else
#include <wolfssl/wolfcrypt/settings.h>
#endif

#if !USSL_SMALL_CODE && defined(WOLFSSL_SP_SMALL) && defined(WOLFSSL_HAVE_SP_ECC) &&               \
    !defined(WOLFSSL_SP_ASM) && defined(__GNUC__)
#include <wolfssl/wolfcrypt/sp.h>

#pragma GCC diagnostic ignored "-Wunused-function"

// Numbers have nine digits below 2^29, products 18; constant time. r may be a or b. It is written
// by words: the memcpy() of a small C library goes by bytes.
static inline void store_product(sp_digit* r, const sp_digit* product) {
#pragma GCC unroll 18
    for (int i = 0; i < 18; ++i)
        r[i] = product[i];
}

SP_NOINLINE static void fast_256_mul_9(sp_digit* r, const sp_digit* a, const sp_digit* b) {
    sp_digit product[18];
    sp_int64 sum = 0;
#pragma GCC unroll 17
    for (int column = 0; column < 17; ++column) {
#pragma GCC unroll 9
        for (int i = column < 9 ? 0 : column - 8; i <= (column < 9 ? column : 8); ++i)
            sum += (sp_int64)a[i] * b[column - i];
        product[column] = (sp_digit)(sum & 0x1fffffff);
        sum >>= 29;
    }
    product[17] = (sp_digit)sum;
    store_product(r, product);
}

SP_NOINLINE static void fast_256_sqr_9(sp_digit* r, const sp_digit* a) {
    sp_digit product[18];
    sp_int64 sum = 0;
#pragma GCC unroll 17
    for (int column = 0; column < 17; ++column) {
        sp_int64 half = 0;
#pragma GCC unroll 4
        for (int i = column < 9 ? 0 : column - 8; i < column - i; ++i)
            half += (sp_int64)a[i] * a[column - i];
        sum += half * 2;
        if (column % 2 == 0) sum += (sp_int64)a[column / 2] * a[column / 2];
        product[column] = (sp_digit)(sum & 0x1fffffff);
        sum >>= 29;
    }
    product[17] = (sp_digit)sum;
    store_product(r, product);
}

// The library's own get another name. Its calls get ours: a definition's first parameter begins
// with its type, a call's first argument never does.
#define USSL_AT_sp_digit ~, slow,
#define USSL_SECOND(first, second, ...) second
#define USSL_SPEED(...) USSL_SECOND(__VA_ARGS__, fast, ~)
#define USSL_NAMED(speed, name) USSL_NAMED_(speed, name)
#define USSL_NAMED_(speed, name) speed##name
#define sp_256_mul_9(r, a, b) USSL_NAMED(USSL_SPEED(USSL_AT_##r), _256_mul_9)(r, a, b)
#define sp_256_sqr_9(r, a) USSL_NAMED(USSL_SPEED(USSL_AT_##r), _256_sqr_9)(r, a)
#endif

#include <wolfcrypt/src/sp_c32.c>
