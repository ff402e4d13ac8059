// For wolfSSL's sources that read a peer's X25519 key: they refuse a key whose highest bit is set,
// although it must be ignored (RFC 7748, 5).
#ifdef HAVE_CURVE25519
#include <wolfssl/wolfcrypt/curve25519.h>

static const byte* without_highest_bit(const byte* key, word32 size, byte* copy) {
    if (key == NULL || size != CURVE25519_KEYSIZE) return key;
    XMEMCPY(copy, key, CURVE25519_KEYSIZE);
    copy[CURVE25519_KEYSIZE - 1] &= 0x7f; // little-endian
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
#undef wc_curve25519_check_public // may have a prefix, which those above have
#undef wc_curve25519_import_public_ex
#define wc_curve25519_check_public(key, size, endian) check_x25519(key, size)
#define wc_curve25519_import_public_ex(from, size, into, endian) import_x25519(from, size, into)
#endif
