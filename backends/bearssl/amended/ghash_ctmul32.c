/* BearSSL's src/hash/ghash_ctmul32.c, for processors whose multiplication has a result of 32 bits,
 * makes each product of two words twice: as it is, and with reversed bits for the upper half. This
 * one multiplies halves of words, whose products fit: fewer multiplications, and nothing to
 * reverse. It has no branches or addresses that depend on data. */
#include <inner.h>

/* Every third bit. A half has at most six of them, so that the carries of a sum of their products
 * reach the two bits behind each, and not the next of them. */
#define THIRD_0 0x49249249u
#define THIRD_1 0x92492492u
#define THIRD_2 0x24924924u

enum { words = 9, halves = 3 * words };

/* By Karatsuba's method 128 bits take three products of 64 by 64, these nine of 32 by 32, and these
 * 27 of 16 by 16: of the lower parts, of the upper ones, and of both parts' sums. */
static void split(uint32_t to[halves], const uint32_t from[4]) {
    const uint32_t pairs[6] = {from[0], from[1],           from[2],
                               from[3], from[0] ^ from[2], from[1] ^ from[3]};
    unsigned i, j;
    for (i = 0; i != 6; i += 2) {
        const uint32_t word[3] = {pairs[i], pairs[i + 1], pairs[i] ^ pairs[i + 1]};
        for (j = 0; j != 3; ++j, to += 3) {
            to[0] = word[j] & 0xffff;
            to[1] = word[j] >> 16;
            to[2] = to[0] ^ to[1];
        }
    }
}

/* The constant factor, each third of its bits apart. */
struct factor {
    uint16_t thirds[halves][3];
};

static void set_factor(struct factor* to, const uint32_t from[4]) {
    uint32_t half[halves];
    unsigned i;
    split(half, from);
    for (i = 0; i != halves; ++i) {
        to->thirds[i][0] = (uint16_t)(half[i] & THIRD_0);
        to->thirds[i][1] = (uint16_t)(half[i] & THIRD_1);
        to->thirds[i][2] = (uint16_t)(half[i] & THIRD_2);
    }
}

/* Three products of words, and from them a product of two words each. */
static void join(uint32_t to[4], const uint32_t half[9]) {
    const uint32_t middle0 = half[0] ^ half[1] ^ half[2], middle1 = half[3] ^ half[4] ^ half[5],
                   middle2 = half[6] ^ half[7] ^ half[8];
    const uint32_t lower0 = half[0] ^ middle0 << 16, lower1 = half[1] ^ middle0 >> 16,
                   upper0 = half[3] ^ middle1 << 16, upper1 = half[4] ^ middle1 >> 16;
    to[0] = lower0;
    to[1] = lower1 ^ lower0 ^ upper0 ^ half[6] ^ middle2 << 16;
    to[2] = upper0 ^ lower1 ^ upper1 ^ half[7] ^ middle2 >> 16;
    to[3] = upper1;
}

static void multiply(uint32_t product[8], const uint32_t value[4], const struct factor* by) {
    uint32_t half[halves], middle[4];
    unsigned i;
    split(half, value);
    for (i = 0; i != halves; ++i) {
        const uint32_t x0 = half[i] & THIRD_0, x1 = half[i] & THIRD_1, x2 = half[i] & THIRD_2,
                       y0 = by->thirds[i][0], y1 = by->thirds[i][1], y2 = by->thirds[i][2];
        half[i] = (((x0 * y0) ^ (x1 * y2) ^ (x2 * y1)) & THIRD_0) |
                  (((x0 * y1) ^ (x1 * y0) ^ (x2 * y2)) & THIRD_1) |
                  (((x0 * y2) ^ (x1 * y1) ^ (x2 * y0)) & THIRD_2);
    }
    join(product, half);
    join(product + 4, half + 9);
    join(middle, half + 18);
    for (i = 0; i != 4; ++i)
        middle[i] ^= product[i] ^ product[4 + i];
    for (i = 0; i != 4; ++i)
        product[2 + i] ^= middle[i];
}

static void read_block(uint32_t to[4], const unsigned char* from) {
    unsigned i;
    for (i = 0; i != 4; ++i)
        to[3 - i] = br_dec32be(from + 4 * i);
}

void br_ghash_ctmul32(void* y, const void* h, const void* data, size_t len) {
    const unsigned char* from = data;
    unsigned char* const state = y;
    unsigned char last[16];
    uint32_t value[4], word[4];
    struct factor by;
    unsigned i;
    read_block(word, h);
    set_factor(&by, word);
    read_block(value, state);
    while (len != 0) {
        uint32_t product[8], before = 0;
        if (len < sizeof last) {
            memset(last, 0, sizeof last);
            memcpy(last, from, len);
            from = last;
            len = sizeof last;
        }
        read_block(word, from);
        from += sizeof last;
        len -= sizeof last;
        for (i = 0; i != 4; ++i)
            value[i] ^= word[i];
        multiply(product, value, &by);
        /* GCM's bits are in reverse: the product of 255 bits has the upper ones of 256. */
        for (i = 0; i != 8; ++i) {
            const uint32_t upper = product[i];
            product[i] = upper << 1 | before >> 31;
            before = upper;
        }
        for (i = 0; i != 4; ++i) {
            const uint32_t low = product[i];
            product[i + 4] ^= low ^ low >> 1 ^ low >> 2 ^ low >> 7;
            product[i + 3] ^= low << 31 ^ low << 30 ^ low << 25;
        }
        for (i = 0; i != 4; ++i)
            value[i] = product[i + 4];
    }
    for (i = 0; i != 4; ++i)
        br_enc32be(state + 4 * i, value[3 - i]);
}
