// For the sources of wolfSSL's that read a peer's X25519 key: the highest bit is to be ignored (RFC
// 7748, 5), and wolfSSL refuses the key for it.
#ifdef HAVE_CURVE25519
#include <wolfssl/wolfcrypt/curve25519.h>

static const byte* without_highest_bit(const byte* key, word32 size, byte* copy) {
    if (key == NULL || size != CURVE25519_KEYSIZE) return key;
    XMEMCPY(copy, key, CURVE25519_KEYSIZE);
    copy[CURVE25519_KEYSIZE - 1] &= 0x7f; // little-endian, as TLS has it
    return copy;
}
static int check_x25519(const byte* key, word32 size) {
    byte copy[CURVE25519_KEYSIZE];
    return wc_curve25519_check_public(without_highest_bit(key, size, copy), size,
                                      EC25519_LITTLE_ENDIAN);
}
static int import_x25519(const byte* from, word32 size, curve25519_key* into) {
    byte copy[CURVE25519_KEYSIZE];
    return wc_curve25519_import_public_ex(without_highest_bit(from, size, copy), size, into,
                                          EC25519_LITTLE_ENDIAN);
}
#undef wc_curve25519_check_public // a prefix, which those above have
#undef wc_curve25519_import_public_ex
#define wc_curve25519_check_public(key, size, endian) check_x25519(key, size)
#define wc_curve25519_import_public_ex(from, size, into, endian) import_x25519(from, size, into)
#endif
