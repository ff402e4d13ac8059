// wolfSSL's own src/internal.c, which library/internal.c changes for the adapter.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#endif
#include <src/internal.c>
