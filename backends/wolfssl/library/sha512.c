// wolfSSL's wolfcrypt/src/sha512.c without its assembly for a Cortex-M, which takes 12.6 KB.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#else
#include <wolfssl/wolfcrypt/settings.h>
#endif

#if defined(WOLFSSL_ARMASM_THUMB2)
#undef WOLFSSL_ARMASM
#endif

#include <wolfcrypt/src/sha512.c>
