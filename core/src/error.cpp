#include "ussl/error.hpp"

namespace ussl {

std::string_view message(Err code) {
    switch (code) {
    case Err::none: return "no error";
    case Err::invalid_argument: return "a setting has a value that is not allowed";
    case Err::invalid_state: return "not possible in this state (closed, or not open yet)";
    case Err::unsupported: return "not supported by this build";
    case Err::no_memory: return "out of memory";
    case Err::bad_certificate: return "own certificate or trust anchor cannot be read";
    case Err::bad_private_key:
        return "private key cannot be read (encrypted keys are not supported)";
    case Err::key_mismatch: return "private key does not belong to the certificate";
    case Err::no_certificate: return "a server needs a certificate and its private key";
    case Err::no_private_key: return "private key for the certificate is missing";
    case Err::bad_pem: return "PEM is damaged or holds nothing of use";
    case Err::signer_failed: return "sign_callback gave no signature";
    case Err::not_valid_now: return "own certificate has expired or is not valid yet: renew it";
    case Err::no_randomness: return "no source of randomness";
    case Err::clock_not_set: return "clock is not set: set it before certificates are checked";
    case Err::no_trust_anchors: return "no trust anchors: load CA certificates to verify against";
    case Err::no_server_name: return "no server_hostname: give the name to verify";
    case Err::no_peer_certificate: return "peer sent no certificate";
    case Err::bad_peer_certificate: return "peer's certificate is malformed";
    case Err::untrusted: return "certificate is not trusted: no valid path to a trust anchor";
    case Err::expired: return "certificate has expired";
    case Err::not_yet_valid: return "certificate is not valid yet: is the clock right?";
    case Err::wrong_host: return "certificate is for another host";
    case Err::wrong_purpose: return "certificate does not allow this use";
    case Err::weak_key: return "certificate has a key that is too weak";
    case Err::weak_signature: return "certificate is signed with a broken hash (MD5 or SHA-1)";
    case Err::refused_by_callback: return "certificate was refused by verify_callback";
    case Err::pin_mismatch: return "certificate's key is not one of the pinned ones";
    case Err::protocol_version: return "no TLS version in common with the peer";
    case Err::handshake_failure: return "no cipher suite, group or signature in common";
    case Err::no_common_alpn: return "no application protocol (ALPN) in common";
    case Err::unexpected_message: return "peer sent a message that is not allowed here";
    case Err::bad_message: return "peer sent a malformed message";
    case Err::not_tls: return "peer does not speak TLS";
    case Err::bad_record: return "peer sent data that fails its integrity check";
    case Err::record_too_large: return "peer sent a record that is too large";
    case Err::peer_alert: return "peer sent alert";
    case Err::handshake_timeout: return "handshake took longer than handshake_timeout allows";
    case Err::unknown_server_name: return "client asked for a server name that is not served here";
    case Err::unknown_psk: return "client's pre-shared key is not known";
    case Err::truncated: return "connection was cut (no close_notify)";
    case Err::internal: return "internal error";
    }
    return "unknown error";
}

Alert alert_for(Err code) {
    switch (code) {
    case Err::no_peer_certificate: return Alert::certificate_required;
    case Err::bad_peer_certificate: return Alert::bad_certificate;
    case Err::untrusted: return Alert::unknown_ca;
    case Err::expired:
    case Err::not_yet_valid: return Alert::certificate_expired;
    case Err::wrong_host:
    case Err::weak_key:
    case Err::weak_signature:
    case Err::refused_by_callback:
    case Err::pin_mismatch: return Alert::bad_certificate;
    // Of a peer's certificate: a kind of key or signature that this build lacks.
    case Err::unsupported:
    case Err::wrong_purpose: return Alert::unsupported_certificate;
    case Err::protocol_version: return Alert::protocol_version;
    case Err::handshake_failure: return Alert::handshake_failure;
    case Err::no_common_alpn: return Alert::no_application_protocol;
    case Err::unexpected_message:
    case Err::not_tls: return Alert::unexpected_message;
    case Err::bad_message: return Alert::decode_error;
    case Err::bad_record: return Alert::bad_record_mac;
    case Err::record_too_large: return Alert::record_overflow;
    case Err::handshake_timeout: return Alert::user_canceled;
    case Err::unknown_server_name: return Alert::unrecognized_name;
    case Err::unknown_psk: return Alert::unknown_psk_identity;
    default: return Alert::internal_error;
    }
}

} // namespace ussl
