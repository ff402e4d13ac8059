/* Mbed TLS's library/ecdsa.c. It takes signatures whose numbers are not in DER. */
#include <../library/common.h>

#if defined(MBEDTLS_ECDSA_C)
#include "internals.h"

#include <mbedtls/asn1.h>
#include <mbedtls/ecdsa.h>

static int enter_signature(const mbedtls_ecdsa_context* key, unsigned char** at,
                           const unsigned char* end, size_t* length, int tag) {
    return ussl_mbedtls_is_ecdsa_signature(*at, (size_t)(end - *at), key->grp.nbits)
               ? mbedtls_asn1_get_tag(at, end, length, tag)
               : MBEDTLS_ERR_ASN1_INVALID_DATA;
}
#undef mbedtls_asn1_get_tag
#define mbedtls_asn1_get_tag(at, end, length, tag) enter_signature(ctx, at, end, length, tag)
#endif

#include <../library/ecdsa.c>
