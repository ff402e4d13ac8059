// wolfSSL's wolfcrypt/src/aes.c. If __riscv is defined it reads every line of a table for each
// look-up (WOLFSSL_AES_TOUCH_LINES), which hides the line from other programs that share the
// processor's cache, and takes some 4,000 instructions a byte. Firmware shares the processor with
// no other program, so there we undefine __riscv. Then wolfSSL does what it does on a Cortex-M: it
// reads all lines once before each block, so that no look-up waits longer for flash than another.
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
