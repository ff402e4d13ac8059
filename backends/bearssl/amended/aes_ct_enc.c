/* BearSSL's src/symcipher/aes_ct_enc.c, with fewer instructions for ShiftRows and MixColumns. It
 * has no branches or addresses that depend on data. */
#include <inner.h>

static void add_round_key(uint32_t* q, const uint32_t* key) {
    unsigned i;
    for (i = 0; i != 8; ++i)
        q[i] ^= key[i];
}

/* Each byte of a word has the bits of one row. The second row is rotated by one column (two bits),
 * the third by two, the fourth by three. */
static void shift_rows(uint32_t* q) {
    unsigned i;
    for (i = 0; i != 8; ++i) {
        uint32_t x = q[i];
        const uint32_t differ = (x >> 4 ^ x) & 0x0f0f0000;
        x ^= differ ^ differ << 4;
        q[i] = (x & 0x00ff00ff) | (x >> 2 & 0x3f003f00) | (x << 6 & 0xc000c000);
    }
}

static inline uint32_t rotate(uint32_t x, unsigned by) { return x >> by | x << (32 - by); }

/* `doubled`: what doubling in GF(2^8) moves into this bit. */
__attribute__((always_inline)) static inline uint32_t mix(uint32_t* bit, uint32_t doubled,
                                                          uint32_t key) {
    const uint32_t next = rotate(*bit, 8), both = *bit ^ next;
    *bit = doubled ^ next ^ rotate(both, 16) ^ key;
    return both;
}

static void mix_columns_and_add_key(uint32_t* q, const uint32_t* key) {
    const uint32_t upper = q[7] ^ rotate(q[7], 8);
    uint32_t below = mix(q, upper, key[0]);
    below = mix(q + 1, below ^ upper, key[1]);
    below = mix(q + 2, below, key[2]);
    below = mix(q + 3, below ^ upper, key[3]);
    below = mix(q + 4, below ^ upper, key[4]);
    below = mix(q + 5, below, key[5]);
    below = mix(q + 6, below, key[6]);
    mix(q + 7, below, key[7]);
}

void br_aes_ct_bitslice_encrypt(unsigned num_rounds, const uint32_t* skey, uint32_t* q) {
    add_round_key(q, skey);
    for (;;) {
        br_aes_ct_bitslice_Sbox(q);
        shift_rows(q);
        skey += 8;
        if (--num_rounds == 0) break;
        mix_columns_and_add_key(q, skey);
    }
    add_round_key(q, skey);
}
