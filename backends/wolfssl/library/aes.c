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

#if defined(WOLFSSL_ARMASM)
// Cortex-M3 and larger. Unlike the code in C this assembly does not read its table ahead. So the
// table lies in RAM (1 KB): how long a read of flash takes depends on the one before, and tells of
// the key to whoever can measure from outside. Words are enough of an alignment for it, and all that
// some start-up code copies right: that of MicroPython's QEMU port begins to read initial values
// where .text ends.
#undef XALIGNED
#define XALIGNED(bytes) __attribute__((aligned(4), section(".data.ussl_aes_table")))
#include <wolfcrypt/src/port/arm/thumb2-aes-asm_c.c>
// It calls a function in a string, where tools/library-names cannot change the name.
#define TEXT(name) #name
#define CALLED(as, name) ".ifnc " as ", " name "\n.thumb_set " as ", " name "\n.endif"
#define RENAMED(name) TEXT(name)
__asm__(CALLED("AES_encrypt_block", RENAMED(AES_encrypt_block)));
#endif
