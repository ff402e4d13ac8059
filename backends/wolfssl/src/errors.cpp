#include "errors.hpp"

#include "library.hpp"

#include "ussl/backend/error_table.hpp"
#include "ussl/features.hpp"

#include <iterator>

namespace ussl::wolfssl {
namespace {

constexpr int empty_record_limit = -518; // EMPTY_RECORD_LIMIT_E, which 5.7.2 does not name

constexpr std::int16_t table[] = {
    means(Err::no_memory),
    MEMORY_ERROR,
    MEMORY_E,
    means(Err::no_randomness),
    RNG_FAILURE_E,
    means(Err::peer_alert),
    FATAL_ERROR,
    means(Err::no_peer_certificate),
    NO_PEER_CERT,
    means(Err::untrusted),
    MAX_CHAIN_ERROR,
    means(Err::bad_peer_certificate),
    ASN_PARSE_E,
    ASN_VERSION_E,
    ASN_GETINT_E,
#if USSL_RSA
    ASN_RSA_KEY_E,
#endif
    ASN_OBJECT_ID_E,
    ASN_TAG_NULL_E,
    ASN_EXPECT_0_E,
    ASN_BITSTR_E,
    ASN_UNKNOWN_OID_E,
    ASN_INPUT_E,
    ASN_SIG_OID_E,
    ASN_CRIT_EXT_E,
    UNSUPPORTED_CERTIFICATE,
    PEER_KEY_ERROR,
    means(Err::protocol_version),
    VERSION_ERROR,
    UNSUPPORTED_PROTO_VERSION,
    means(Err::handshake_failure),
    MATCH_SUITE_ERROR,
    UNSUPPORTED_SUITE,
    ECC_CURVE_ERROR,
    ECC_CURVETYPE_ERROR,
    ALGO_ID_E,
    HASH_TYPE_E,
    NO_PEER_KEY,
#if USSL_SERVER
    NO_CERT_ERROR, // a server that has keys only, and none in common
#endif
#if USSL_TLS1_3
    BAD_KEY_SHARE_DATA, // a server found no group in it
#endif
    EXT_MASTER_SECRET_NEEDED_E,
#if USSL_ALPN
    means(Err::no_common_alpn),
    UNKNOWN_ALPN_PROTOCOL_NAME_E,
#endif
#if USSL_PSK || USSL_RESUMPTION
    means(Err::unknown_psk),
    PSK_KEY_ERROR,
    BAD_BINDER,
    CLIENT_ID_ERROR, // longer than any
#endif
    means(Err::unexpected_message),
    OUT_OF_ORDER_E,
    DUPLICATE_MSG_E,
    SESSION_TICKET_EXPECT_E,
    NO_CHANGE_CIPHER_E,
    SANITY_MSG_E,
    SANITY_CIPHER_E,
    SIDE_ERROR,
    NO_PEER_VERIFY,
    UNKNOWN_HANDSHAKE_TYPE,
    UNKNOWN_RECORD_TYPE,
    PARSE_ERROR,
    SECURE_RENEGOTIATION_E,
    empty_record_limit,
    ALERT_COUNT_E,
    means(Err::bad_record),
    DECRYPT_ERROR,
    VERIFY_MAC_ERROR,
    VERIFY_FINISHED_ERROR,
    VERIFY_SIGN_ERROR,
    VERIFY_CERT_ERROR,
    SIG_VERIFY_E,
    MP_VAL, // a signature with numbers out of range
#if USSL_RSA
    RSA_PAD_E,
    BAD_PADDING_E,
    RSA_BUFFER_E,
#endif
    ASN_SIG_CONFIRM_E,
    ASN_ECC_KEY_E,
    AES_GCM_AUTH_E,
    MAC_CMP_FAILED_E,
    means(Err::record_too_large),
    LENGTH_ERROR,
    means(Err::bad_message),
#if USSL_MAX_FRAGMENT_LENGTH || USSL_SERVER
    UNKNOWN_MAX_FRAG_LEN_E,
#endif
    BUFFER_ERROR,
    BUFFER_E,
    DECODE_E,
    INCOMPLETE_DATA,
    HANDSHAKE_SIZE_ERROR,
    MISSING_HANDSHAKE_DATA,
    COMPRESSION_ERROR,
    INVALID_PARAMETER,
    INVALID_CERT_CTX_E,
    KEY_SHARE_ERROR,
    EXT_NOT_ALLOWED,
    EXT_MISSING,
    UNSUPPORTED_EXTENSION,
    DUPLICATE_TLS_EXT_E,
#if USSL_TLS1_3
    HRR_COOKIE_ERROR,
#endif
    BAD_LENGTH_E, // a server name of more bytes than names have
    BAD_TICKET_MSG_SZ,
#if USSL_TLS1_3 && USSL_RESUMPTION && USSL_CLIENT
    SERVER_HINT_ERROR, // a ticket for more than seven days
#endif
#if USSL_X25519MLKEM768
    PUBLIC_KEY_E, // a share of ML-KEM
#endif
    ECC_PEERKEY_ERROR,
    ECC_OUT_OF_RANGE_E,
};
static_assert(has_each_once(table));

constexpr std::int16_t tells(Alert alert) { return static_cast<std::int16_t>(alert); }

// Where the number says more than the error.
constexpr std::int16_t alerts[] = {
    tells(Alert::decrypt_error),
    VERIFY_FINISHED_ERROR,
    VERIFY_SIGN_ERROR,
    SIG_VERIFY_E,
#if USSL_PSK || USSL_RESUMPTION
    BAD_BINDER,
#endif
    tells(Alert::illegal_parameter),
    INVALID_PARAMETER,
    ECC_PEERKEY_ERROR,
    KEY_SHARE_ERROR,
#if USSL_X25519MLKEM768
    PUBLIC_KEY_E,
#endif
#if USSL_TLS1_3 && USSL_RESUMPTION && USSL_CLIENT
    SERVER_HINT_ERROR, // RFC 8446, 4.6.1
#endif
    tells(Alert::unsupported_extension),
    EXT_NOT_ALLOWED,
    UNSUPPORTED_EXTENSION,
    tells(Alert::missing_extension),
    EXT_MISSING,
};
static_assert(has_each_once(alerts));

} // namespace

Err translate(int code, Role role) {
    // To a client: the server chose what was not offered.
    if (role == Role::client && (code == MATCH_SUITE_ERROR || code == UNSUPPORTED_SUITE))
        return Err::bad_message;
    return find_error(table, code);
}

Alert alert_for(Err error, int code) {
    // To a server of TLS 1.2 and 1.3: it chose what was not offered.
    const bool not_offered =
        error == Err::bad_message && (code == MATCH_SUITE_ERROR || code == UNSUPPORTED_SUITE);
    if (not_offered) return Alert::illegal_parameter;
    const int alert = find_meaning(alerts, std::size(alerts), code);
    return alert != 0 ? static_cast<Alert>(alert) : ussl::alert_for(error);
}

} // namespace ussl::wolfssl
