/* BearSSL's src/codec/ccopy.c, which goes by bytes: each multiplication of a point copies hundreds
 * of points. This goes by words, where memory and size allow it. */
#include <inner.h>

#if defined(__GNUC__)
typedef uint32_t __attribute__((may_alias)) word;
#else
typedef uint32_t word;
#endif

void br_ccopy(uint32_t ctl, void* dst, const void* src, size_t len) {
    size_t i;
    if ((((uintptr_t)dst | (uintptr_t)src | len) & (sizeof(word) - 1)) == 0) {
        word* const to = dst;
        const word* const from = src;
        for (i = 0; i != len / sizeof(word); ++i)
            to[i] = MUX(ctl, from[i], to[i]);
    } else {
        unsigned char* const to = dst;
        const unsigned char* const from = src;
        for (i = 0; i != len; ++i)
            to[i] = (unsigned char)MUX(ctl, from[i], to[i]);
    }
}
