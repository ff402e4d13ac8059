// wolfSSL's own src/tls.c, which library/tls.c changes for the adapter.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#endif
#include <src/tls.c>
