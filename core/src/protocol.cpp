#include "ussl/protocol.hpp"

namespace ussl {

std::string_view name_of(Version version) {
    switch (version) {
    case Version::tls1_2: return "TLSv1.2";
    case Version::tls1_3: return "TLSv1.3";
    case Version::none: break;
    }
    return {};
}

std::string_view suite_name(std::uint16_t suite) {
    switch (suite) {
    // RFC 8446, B.4
    case 0x1301: return "TLS_AES_128_GCM_SHA256";
    case 0x1302: return "TLS_AES_256_GCM_SHA384";
    case 0x1303: return "TLS_CHACHA20_POLY1305_SHA256";
    // RFC 5289
    case 0xc02b: return "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    case 0xc02c: return "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    case 0xc02f: return "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    case 0xc030: return "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    // RFC 7905
    case 0xcca8: return "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
    case 0xcca9: return "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    default: return {};
    }
}

std::string_view alert_name(std::uint8_t alert) {
    switch (static_cast<Alert>(alert)) {
    case Alert::close_notify: return "close notify";
    case Alert::unexpected_message: return "unexpected message";
    case Alert::bad_record_mac: return "bad record MAC";
    case Alert::record_overflow: return "record overflow";
    case Alert::handshake_failure: return "handshake failure";
    case Alert::bad_certificate: return "bad certificate";
    case Alert::unsupported_certificate: return "unsupported certificate";
    case Alert::certificate_revoked: return "certificate revoked";
    case Alert::certificate_expired: return "certificate expired";
    case Alert::certificate_unknown: return "certificate unknown";
    case Alert::illegal_parameter: return "illegal parameter";
    case Alert::unknown_ca: return "unknown CA";
    case Alert::access_denied: return "access denied";
    case Alert::decode_error: return "decode error";
    case Alert::decrypt_error: return "decrypt error";
    case Alert::protocol_version: return "protocol version";
    case Alert::insufficient_security: return "insufficient security";
    case Alert::internal_error: return "internal error";
    case Alert::inappropriate_fallback: return "inappropriate fallback";
    case Alert::user_canceled: return "user canceled";
    case Alert::no_renegotiation: return "no renegotiation";
    case Alert::missing_extension: return "missing extension";
    case Alert::unsupported_extension: return "unsupported extension";
    case Alert::unrecognized_name: return "unrecognized name";
    case Alert::bad_certificate_status_response: return "bad certificate status response";
    case Alert::unknown_psk_identity: return "unknown PSK identity";
    case Alert::certificate_required: return "certificate required";
    case Alert::no_application_protocol: return "no application protocol";
    }
    return "unknown alert";
}

} // namespace ussl
