/* Mbed TLS's library/ssl_tls13_client.c, where a share that was sent is sent again when the server has
 * asked for no other group (RFC 8446, 4.1.2), and algorithms behind 20 others are seen. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if defined(MBEDTLS_SSL_CLI_C) && defined(MBEDTLS_SSL_PROTO_TLS1_3)

#undef mbedtls_ssl_parse_sig_alg_ext
#define mbedtls_ssl_parse_sig_alg_ext ussl_mbedtls_parse_signature_algorithms

static int write_share(mbedtls_ssl_context* ssl, uint16_t group, unsigned char* at,
                       unsigned char* end, size_t* size) {
    const mbedtls_svc_key_id_t kept = ussl_mbedtls_kept_share(ssl);
    psa_status_t status;
    if (mbedtls_svc_key_id_is_null(kept))
        return mbedtls_ssl_tls13_generate_and_write_xxdh_key_exchange(ssl, group, at, end, size);
    ssl->handshake->xxdh_psa_privkey = kept;
    status = psa_export_public_key(kept, at, (size_t) (end - at), size);
    return status == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
}
#undef mbedtls_ssl_tls13_generate_and_write_xxdh_key_exchange
#define mbedtls_ssl_tls13_generate_and_write_xxdh_key_exchange write_share

#endif

#include <../library/ssl_tls13_client.c>
