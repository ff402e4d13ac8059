// wolfSSL's src/ssl.c, in builds without certificates without theirs.
#include "without_certificates.h"

#include "src/ssl.c"

// The parsers of certificates, which nothing calls in such a build, look for issuers.
#if !USSL_CERTIFICATES
Signer* GetCA(void* signers, byte* hash) {
    (void)signers, (void)hash;
    return NULL;
}
Signer* GetCAByName(void* signers, byte* hash) {
    (void)signers, (void)hash;
    return NULL;
}
#endif
