/* What some of BearSSL's files name, though no engine of this build reaches it. The linker drops
 * what nobody names. */
#ifndef USSL_BEARSSL_LEFT_OUT_H
#define USSL_BEARSSL_LEFT_OUT_H

#include <inner.h>

#include "ussl/features.hpp"

/* The parameters of other curves, for ECDSA. It refuses a key on a curve that elliptic_curves()
 * lacks before it reads them, and a key whose length is not that of its curve after. */
#if !USSL_P384
#undef br_secp384r1
#undef br_secp521r1
#define br_secp384r1 br_secp256r1
#define br_secp521r1 br_secp256r1
#endif

/* Ciphers of suites that are never in an engine's list (core's suites.hpp). A handshake that got
 * here would fail. ENG and T0_CO() are macros of the file that includes this one. */
#define USSL_LEFT_OUT(...)                                                                         \
    do {                                                                                           \
        br_ssl_engine_fail(ENG, BR_ERR_BAD_CIPHER_SUITE);                                          \
        T0_CO();                                                                                   \
    } while (0)

#undef br_ssl_engine_switch_cbc_in
#undef br_ssl_engine_switch_cbc_out
#define br_ssl_engine_switch_cbc_in USSL_LEFT_OUT
#define br_ssl_engine_switch_cbc_out USSL_LEFT_OUT
#if !USSL_CHACHA20_POLY1305
#undef br_ssl_engine_switch_chapol_in
#undef br_ssl_engine_switch_chapol_out
#define br_ssl_engine_switch_chapol_in USSL_LEFT_OUT
#define br_ssl_engine_switch_chapol_out USSL_LEFT_OUT
#endif
#if !USSL_AES_CCM
#undef br_ssl_engine_switch_ccm_in
#undef br_ssl_engine_switch_ccm_out
#define br_ssl_engine_switch_ccm_in USSL_LEFT_OUT
#define br_ssl_engine_switch_ccm_out USSL_LEFT_OUT
#endif

#endif
