// wolfSSL's wolfcrypt/src/sha256.c. Its code for elliptic curves by AVX2 leaves the upper halves of
// registers in use. While they are, instructions without AVX wait for each other, and processors
// have those for SHA-256 only without: more than half of a handshake's time was that.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#else
#include <wolfssl/wolfcrypt/settings.h>
#endif
#include <wolfssl/wolfcrypt/sha256.h>

#if defined(WOLFSSL_X86_64_BUILD) && defined(USE_INTEL_SPEEDUP)
int Transform_Sha256_AVX1_Sha(wc_Sha256* hash, const byte* block);
int Transform_Sha256_AVX1_Sha_Len(wc_Sha256* hash, const byte* blocks, word32 size);

static int transform(wc_Sha256* hash, const byte* block) {
    __asm__ __volatile__("vzeroupper");
    return Transform_Sha256_AVX1_Sha(hash, block);
}

static int transform_all(wc_Sha256* hash, const byte* blocks, word32 size) {
    __asm__ __volatile__("vzeroupper");
    return Transform_Sha256_AVX1_Sha_Len(hash, blocks, size);
}

#undef Transform_Sha256_AVX1_Sha // may have a prefix, as the other
#define Transform_Sha256_AVX1_Sha transform
#undef Transform_Sha256_AVX1_Sha_Len
#define Transform_Sha256_AVX1_Sha_Len transform_all
#endif

#include <wolfcrypt/src/sha256.c>
