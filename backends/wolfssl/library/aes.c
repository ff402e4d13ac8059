// wolfSSL's wolfcrypt/src/aes.c. Where it finds __riscv it reads every line of a table for each look-up
// (WOLFSSL_AES_TOUCH_LINES), some 4,000 instructions a byte: nobody who shares the processor's cache
// learns which line it was. A device without an operating system runs nobody else's program. There it
// is as wolfSSL has it on a Cortex-M: the lines are read before each block, so that no look-up waits
// for flash longer than another.
#include "ussl/features.hpp"

#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#else
#include <wolfssl/wolfcrypt/settings.h>
#endif

#if !USSL_HOSTED
#undef __riscv
#endif

#include <wolfcrypt/src/aes.c>
