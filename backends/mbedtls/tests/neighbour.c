/* The system's Mbed TLS, 2.28 or 3.x, for a program that holds ours too: see neighbours.cpp. */
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include <string.h>

#include "foreign.h"

static int send_bytes(void* to, const unsigned char* bytes, size_t count) {
    foreign_sent(to, bytes, count);
    return (int)count;
}

static int receive_nothing(void* from, unsigned char* bytes, size_t count) {
    (void)from, (void)bytes, (void)count;
    return MBEDTLS_ERR_SSL_WANT_READ;
}

static int random_bytes(void* state, unsigned char* bytes, size_t count) {
    (void)state;
    memset(bytes, 7, count);
    return 0;
}

const char* foreign_works(unsigned char digest[32], struct foreign_flight* flight) {
    static mbedtls_ssl_context session;
    static mbedtls_ssl_config config;
#if MBEDTLS_VERSION_MAJOR < 3
    if (mbedtls_sha256_ret((const unsigned char*)"abc", 3, digest, 0) != 0) return "no digest";
#else
    if (mbedtls_sha256((const unsigned char*)"abc", 3, digest, 0) != 0) return "no digest";
#endif
    mbedtls_ssl_init(&session);
    mbedtls_ssl_config_init(&config);
    if (mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return "no settings";
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_rng(&config, random_bytes, NULL);
    if (mbedtls_ssl_setup(&session, &config) != 0) return "no session";
    mbedtls_ssl_set_bio(&session, flight, send_bytes, receive_nothing, NULL);
    if (mbedtls_ssl_handshake(&session) != MBEDTLS_ERR_SSL_WANT_READ) return "no handshake";
    mbedtls_ssl_free(&session);
    mbedtls_ssl_config_free(&config);
    /* What the header is of, and what was linked. */
    return mbedtls_version_get_number() == MBEDTLS_VERSION_NUMBER ? NULL : "another version";
}
