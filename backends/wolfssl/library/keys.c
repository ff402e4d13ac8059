// wolfSSL's src/keys.c, with the suites of RFC 8442, of which wolfSSL has one. Each is a suite with
// a pre-shared key alone, and another key exchange.
#include "without_certificates.h"

#ifndef NO_PSK

static int specs_of_library(word16 side, byte first, byte second, CipherSpecs* specs,
                            Options* options);

int GetCipherSpec(word16 side, byte first, byte second, CipherSpecs* specs, Options* options) {
    static const byte with_key_alone[][2] = {
        [1] = {0x00, 0xa8}, // AES_128_GCM_SHA256
        [2] = {0x00, 0xa9}, // AES_256_GCM_SHA384
        [3] = {0xc0, 0xa8}, // AES_128_CCM_8
        [5] = {0xc0, 0xa4}, // AES_128_CCM
    };
    const int is_of_rfc8442 = first == 0xd0 && second < sizeof with_key_alone / 2;
    if (is_of_rfc8442) {
        first = with_key_alone[second][0];
        second = with_key_alone[second][1];
    }
    const int code = specs_of_library(side, first, second, specs, options);
    if (is_of_rfc8442) specs->kea = ecdhe_psk_kea;
    return code;
}

static int specs_of(word16 side, byte first, byte second, CipherSpecs* specs, Options* options) {
    return GetCipherSpec(side, first, second, specs, options);
}

// The function is defined in the file, with `word16 side`, and called once, with `ssl`.
#undef GetCipherSpec // may have a prefix, which the one above has
#define GetCipherSpec(first, ...) USSL_SPECS_##first, __VA_ARGS__)
#define USSL_SPECS_word16 specs_of_library(word16
#define USSL_SPECS_ssl specs_of(ssl
#endif

#include "src/keys.c"
