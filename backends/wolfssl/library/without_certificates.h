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
// What is only called for suites that such a build does not have. It fails, and is not linked.
#define DecodePrivateKey(ssl, size) NO_PRIVATE_KEY
#undef wc_ecc_sign_hash // may have a prefix, as the other
#define wc_ecc_sign_hash(...) NO_PRIVATE_KEY
#undef wc_ecc_verify_hash
#define wc_ecc_verify_hash(...) SIG_VERIFY_E
#ifdef NO_WOLFSSL_SERVER // wolfSSL then leaves out the function, but not its call
#define SupportedHashSigAlgo(ssl, pair) 0
#endif
#endif
