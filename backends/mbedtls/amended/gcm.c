/* Mbed TLS's library/gcm.c. It adds entries of GHASH's table to each other with a function for
 * bytes anywhere in memory, which goes by bytes where unaligned words are slow (Cortex-M0+, RV32).
 * But the entries are words. */
#include <../library/common.h>

#if defined(MBEDTLS_GCM_C) && !defined(MBEDTLS_EFFICIENT_UNALIGNED_ACCESS) &&                      \
    !defined(MBEDTLS_GCM_LARGE_TABLE)
static inline void add_entries(uint64_t* sum, const uint64_t* a, const uint64_t* b) {
    sum[0] = a[0] ^ b[0];
    sum[1] = a[1] ^ b[1];
}
#define mbedtls_xor_no_simd(sum, a, b, size)                                                       \
    add_entries((uint64_t*)(void*)(sum), (const uint64_t*)(const void*)(a),                        \
                (const uint64_t*)(const void*)(b))
#endif

#include <../library/gcm.c>
