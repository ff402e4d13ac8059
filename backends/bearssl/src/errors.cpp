#include "errors.hpp"

#include <bearssl.h>

namespace ussl::bearssl {
namespace {

Err code_of_sent_alert(int alert) {
    switch (static_cast<Alert>(alert)) {
    case Alert::protocol_version:
    case Alert::inappropriate_fallback: return Err::protocol_version;
    case Alert::no_application_protocol: return Err::no_common_alpn;
    case Alert::unexpected_message: return Err::unexpected_message;
    default: return Err::handshake_failure;
    }
}

Err code_of(int error) {
    switch (error) {
    case BR_ERR_UNSUPPORTED_VERSION:
    case BR_ERR_BAD_VERSION: return Err::protocol_version;
    case BR_ERR_BAD_LENGTH:
    case BR_ERR_TOO_LARGE: return Err::record_too_large;
    case BR_ERR_BAD_MAC:
    case BR_ERR_BAD_FINISHED:
    case BR_ERR_BAD_SIGNATURE: return Err::bad_record;
    case BR_ERR_NO_RANDOM: return Err::no_randomness;
    case BR_ERR_UNKNOWN_TYPE:
    case BR_ERR_UNEXPECTED: return Err::unexpected_message;
    case BR_ERR_INVALID_ALGORITHM: return Err::handshake_failure;
    case BR_ERR_WRONG_KEY_USAGE: return Err::wrong_purpose;
    case BR_ERR_NO_CLIENT_AUTH:
    case BR_ERR_X509_EMPTY_CHAIN: return Err::no_peer_certificate;
    case BR_ERR_BAD_STATE:
    case BR_ERR_IO: return Err::internal;
    default: break;
    }
    return error >= BR_ERR_X509_OK && error <= BR_ERR_X509_NOT_TRUSTED ? Err::bad_peer_certificate
                                                                       : Err::bad_message;
}

} // namespace

Alert alert_for(const Error& error) {
    // A suite that was not offered decodes well (RFC 5246, 7.2.2).
    if (error.library == BR_ERR_BAD_CIPHER_SUITE) return Alert::illegal_parameter;
    // TLS 1.2 has no alert for a certificate that is missing (RFC 5246, 7.4.6).
    if (error.code == Err::no_peer_certificate) return Alert::handshake_failure;
    return ussl::alert_for(error.code);
}

Error translate(int error) {
    if (error >= BR_ERR_SEND_FATAL_ALERT)
        return {code_of_sent_alert(error - BR_ERR_SEND_FATAL_ALERT), 0, error};
    if (error >= BR_ERR_RECV_FATAL_ALERT)
        return {Err::peer_alert, static_cast<std::uint8_t>(error - BR_ERR_RECV_FATAL_ALERT), error};
    return {code_of(error), 0, error};
}

} // namespace ussl::bearssl
