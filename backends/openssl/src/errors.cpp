#include "errors.hpp"

#include <openssl/x509_vfy.h>

namespace ussl::openssl {

Err error_of_alert(Alert alert) {
    switch (alert) {
    case Alert::unexpected_message:
    case Alert::no_renegotiation: return Err::unexpected_message;
    case Alert::bad_record_mac: return Err::bad_record;
    case Alert::decrypt_error: return Err::bad_signature; // or a wrong Finished
    case Alert::record_overflow: return Err::record_too_large;
    case Alert::handshake_failure:
    case Alert::insufficient_security: return Err::handshake_failure;
    case Alert::bad_certificate:
    case Alert::unsupported_certificate:
    case Alert::certificate_unknown: return Err::bad_peer_certificate;
    case Alert::certificate_required: return Err::no_peer_certificate;
    case Alert::protocol_version:
    case Alert::inappropriate_fallback: return Err::protocol_version;
    case Alert::unrecognized_name: return Err::unknown_server_name;
    case Alert::unknown_psk_identity: return Err::unknown_psk;
    case Alert::no_application_protocol: return Err::no_common_alpn;
    case Alert::internal_error: return Err::internal;
    default: return Err::bad_message;
    }
}

int reason_for(Alert alert) {
    switch (alert) {
    case Alert::bad_certificate: return X509_V_ERR_CERT_REJECTED;
    case Alert::unsupported_certificate: return X509_V_ERR_INVALID_PURPOSE;
    case Alert::certificate_expired: return X509_V_ERR_CERT_HAS_EXPIRED;
    case Alert::unknown_ca: return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    default: return X509_V_ERR_UNSPECIFIED; // internal_error
    }
}

} // namespace ussl::openssl
