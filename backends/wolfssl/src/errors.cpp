#include "errors.hpp"

#include "library.hpp"

namespace ussl::wolfssl {
namespace {

constexpr int empty_record_limit = -518; // EMPTY_RECORD_LIMIT_E, which 5.7.2 does not name

} // namespace

Err translate(int code, Role role) {
    switch (code) {
    case MEMORY_ERROR:
    case MEMORY_E: return Err::no_memory;
    case RNG_FAILURE_E: return Err::no_randomness;

    case FATAL_ERROR: return Err::peer_alert;

    case NO_PEER_CERT: return Err::no_peer_certificate;
    case MAX_CHAIN_ERROR: return Err::untrusted;
    case ASN_PARSE_E:
    case ASN_VERSION_E:
    case ASN_GETINT_E:
    case ASN_RSA_KEY_E:
    case ASN_OBJECT_ID_E:
    case ASN_TAG_NULL_E:
    case ASN_EXPECT_0_E:
    case ASN_BITSTR_E:
    case ASN_UNKNOWN_OID_E:
    case ASN_INPUT_E:
    case ASN_SIG_OID_E:
    case ASN_CRIT_EXT_E:
    case UNSUPPORTED_CERTIFICATE:
    case PEER_KEY_ERROR: return Err::bad_peer_certificate;

    case VERSION_ERROR:
    case UNSUPPORTED_PROTO_VERSION: return Err::protocol_version;
    case MATCH_SUITE_ERROR:
    case UNSUPPORTED_SUITE:
        // To a client: the server chose what was not offered.
        return role == Role::server ? Err::handshake_failure : Err::bad_message;
    case ECC_CURVE_ERROR:
    case ECC_CURVETYPE_ERROR:
    case ALGO_ID_E:
    case HASH_TYPE_E:
    case NO_PEER_KEY:
    case NO_CERT_ERROR:      // a server that has keys only, and none in common
    case BAD_KEY_SHARE_DATA: // a server found no group in it
    case EXT_MASTER_SECRET_NEEDED_E: return Err::handshake_failure;
    case UNKNOWN_ALPN_PROTOCOL_NAME_E: return Err::no_common_alpn;

    case PSK_KEY_ERROR:
    case BAD_BINDER: return Err::unknown_psk;

    case OUT_OF_ORDER_E:
    case DUPLICATE_MSG_E:
    case NO_CHANGE_CIPHER_E:
    case SANITY_MSG_E:
    case SANITY_CIPHER_E:
    case SIDE_ERROR:
    case NO_PEER_VERIFY:
    case UNKNOWN_HANDSHAKE_TYPE:
    case UNKNOWN_RECORD_TYPE:
    case PARSE_ERROR:
    case SECURE_RENEGOTIATION_E:
    case empty_record_limit:
    case ALERT_COUNT_E: return Err::unexpected_message;

    case DECRYPT_ERROR:
    case VERIFY_MAC_ERROR:
    case VERIFY_FINISHED_ERROR:
    case VERIFY_SIGN_ERROR:
    case VERIFY_CERT_ERROR:
    case SIG_VERIFY_E:
    case MP_VAL: // a signature with numbers out of range
    case RSA_PAD_E:
    case BAD_PADDING_E:
    case RSA_BUFFER_E:
    case ASN_SIG_CONFIRM_E:
    case ASN_ECC_KEY_E:
    case AES_GCM_AUTH_E:
    case MAC_CMP_FAILED_E: return Err::bad_record;

    case LENGTH_ERROR: return Err::record_too_large;

    case UNKNOWN_MAX_FRAG_LEN_E:
    case BUFFER_ERROR:
    case BUFFER_E:
    case DECODE_E:
    case INCOMPLETE_DATA:
    case HANDSHAKE_SIZE_ERROR:
    case MISSING_HANDSHAKE_DATA:
    case COMPRESSION_ERROR:
    case INVALID_PARAMETER:
    case INVALID_CERT_CTX_E:
    case KEY_SHARE_ERROR:
    case EXT_NOT_ALLOWED:
    case EXT_MISSING:
    case UNSUPPORTED_EXTENSION:
    case DUPLICATE_TLS_EXT_E:
    case HRR_COOKIE_ERROR:
    case BAD_LENGTH_E: // a server name of more bytes than names have
    case BAD_TICKET_MSG_SZ:
    case PUBLIC_KEY_E: // a share of ML-KEM
    case ECC_PEERKEY_ERROR:
    case ECC_OUT_OF_RANGE_E: return Err::bad_message;

    default: return Err::internal;
    }
}

Alert alert_for(Err error, int code) {
    switch (code) {
    case VERIFY_FINISHED_ERROR:
    case VERIFY_SIGN_ERROR:
    case BAD_BINDER:
    case SIG_VERIFY_E: return Alert::decrypt_error;
    case MATCH_SUITE_ERROR:
    case UNSUPPORTED_SUITE:
        if (error != Err::bad_message) break;
        [[fallthrough]];
    case INVALID_PARAMETER:
    case KEY_SHARE_ERROR:
    case PUBLIC_KEY_E:
    case ECC_PEERKEY_ERROR: return Alert::illegal_parameter;
    case EXT_MISSING: return Alert::missing_extension;
    case EXT_NOT_ALLOWED:
    case UNSUPPORTED_EXTENSION: return Alert::unsupported_extension;
    default: break;
    }
    return ussl::alert_for(error);
}

} // namespace ussl::wolfssl
