// For wolfSSL's sources: its headers, and then, in builds without certificates, NO_CERTS. It comes
// after the headers because wolfSSL's server does not compile without the structures' members for
// certificates if it has elliptic curves. So the structures are the same everywhere.
#if __has_include(<wolfssl/wolfcrypt/libwolfssl_sources.h>)
#include <wolfssl/wolfcrypt/libwolfssl_sources.h>
#else
#include <wolfssl/wolfcrypt/settings.h>
#endif
#include <wolfssl/internal.h>

#include "ussl/features.hpp"

#if !USSL_CERTIFICATES
#define NO_CERTS
// Of suites that such a build does not have.
#define DecodePrivateKey(ssl, size) NO_PRIVATE_KEY
#endif
