#include "errors.hpp"

#include "library.hpp"

#include "ussl/features.hpp"

#include <iterator>

namespace ussl::wolfssl {
namespace {

constexpr int empty_record_limit = -518; // EMPTY_RECORD_LIMIT_E, which 5.7.2 lacks

constexpr std::int16_t table[] = {
    codes_for(Err::no_memory),
    MEMORY_ERROR,
    MEMORY_E,
    codes_for(Err::no_randomness),
    RNG_FAILURE_E,
    codes_for(Err::peer_alert),
    FATAL_ERROR,
    codes_for(Err::no_peer_certificate),
    NO_PEER_CERT,
    codes_for(Err::protocol_version),
    VERSION_ERROR,
    UNSUPPORTED_PROTO_VERSION,
    codes_for(Err::handshake_failure),
    MATCH_SUITE_ERROR,
    UNSUPPORTED_SUITE,
    ECC_CURVE_ERROR,
    ECC_CURVETYPE_ERROR,
    ALGO_ID_E,
    HASH_TYPE_E,
    NO_PEER_KEY,
#if USSL_SERVER
    NO_CERT_ERROR, // a server with PSKs only, and no common one
#endif
#if USSL_TLS1_3
    BAD_KEY_SHARE_DATA, // the server found no common group in it
#endif
    EXT_MASTER_SECRET_NEEDED_E,
#if USSL_ALPN
    codes_for(Err::no_common_alpn),
    UNKNOWN_ALPN_PROTOCOL_NAME_E,
#endif
#if USSL_PSK || USSL_RESUMPTION
    codes_for(Err::unknown_psk),
    PSK_KEY_ERROR,
    BAD_BINDER,
    CLIENT_ID_ERROR, // longer than any
#endif
    codes_for(Err::unexpected_message),
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
    codes_for(Err::bad_record),
    DECRYPT_ERROR,
    VERIFY_MAC_ERROR,
    VERIFY_FINISHED_ERROR,
    AES_GCM_AUTH_E,
    MAC_CMP_FAILED_E,
    codes_for(Err::bad_signature),
    SIG_VERIFY_E, // also if the algorithm is not the key's
    codes_for(Err::record_too_large),
    LENGTH_ERROR,
    codes_for(Err::message_too_large),
    HANDSHAKE_SIZE_ERROR,
    codes_for(Err::bad_message), // also within Certificate
    BUFFER_ERROR,
    INCOMPLETE_DATA,
    INVALID_CERT_CTX_E,
    EXT_NOT_ALLOWED,
    UNSUPPORTED_EXTENSION,
    DUPLICATE_TLS_EXT_E,
};
static_assert(has_each_once(table));

constexpr std::int16_t tells(Alert alert) { return static_cast<std::int16_t>(alert); }

// Errors whose number is more precise than the Err.
constexpr std::int16_t alerts[] = {
    tells(Alert::decrypt_error),
    VERIFY_FINISHED_ERROR,
#if USSL_PSK || USSL_RESUMPTION
    BAD_BINDER,
#endif
    tells(Alert::illegal_parameter),
    INVALID_PARAMETER,
    ECC_PEERKEY_ERROR,
    KEY_SHARE_ERROR,
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

// For clients: the server chose something that was not offered.
bool is_not_offered(int code) {
    switch (code) {
    case MATCH_SUITE_ERROR:
    case UNSUPPORTED_SUITE:
    case ECC_CURVE_ERROR:
#if USSL_TLS1_3
    case BAD_KEY_SHARE_DATA:
#endif
        return true;
    default: return false;
    }
}

// wolfCrypt's errors for well-formed values that cannot be computed with. The errors of TLS follow
// them (WOLFSSL_FIRST_E, which 5.7.2 does not name).
bool is_of_arithmetic(int code) {
    constexpr int first_of_tls = -301;
    return code < 0 && code > first_of_tls && code != BUFFER_E && code != ASN_PARSE_E;
}

} // namespace

Err translate(int code, Role role, During what) {
    // Any error while checking a signature means that it is wrong.
    if (what == During::peer_signature) return unlisted_error(what);
    if (role == Role::client && is_not_offered(code)) return Err::bad_message;
    return find_error(table, code, unlisted_error(what));
}

Alert alert_for(Err error, int code) {
    if (error == Err::bad_message && (is_not_offered(code) || is_of_arithmetic(code)))
        return Alert::illegal_parameter;
    if (error == Err::bad_signature) return ussl::alert_for(error);
    const int alert = find_meaning(alerts, std::size(alerts), code);
    return alert != 0 ? static_cast<Alert>(alert) : ussl::alert_for(error);
}

} // namespace ussl::wolfssl
