// wolfSSL's public headers, in the necessary order. Every source file of the adapter includes this.
#pragma once

#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/hash.h>

// Whether the build can use own credentials: takes_credentials().
#define USSL_WOLFSSL_CREDENTIALS (USSL_CERTIFICATES && (USSL_SERVER || USSL_CLIENT_CERTIFICATES))
