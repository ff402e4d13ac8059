#include "ussl/error.hpp"

#include "ussl/backend/text_table.hpp"
#include "ussl/features.hpp"

namespace ussl {
namespace {

// All codes except `none` start here.
constexpr unsigned of(Err code) {
    return static_cast<unsigned>(code) - static_cast<unsigned>(Err::invalid_argument);
}

// Without errors of features that are not in the build.
constexpr NumberedText message_list[] = {
    {of(Err::invalid_argument), "a setting has a value that is not allowed"},
    {of(Err::invalid_state), "not possible in this state (closed, or not open yet)"},
    {of(Err::unsupported), "not supported by this build"},
    {of(Err::no_memory), "out of memory"},
#if USSL_DTLS
    {of(Err::datagram_too_large), "too many bytes for one datagram"},
#endif
#if USSL_SHORT_BUFFERS
    {of(Err::no_memory_for_record), "no memory for the peer's long record: set "
                                    "max_fragment_length, or a smaller USSL_RECORD_INPUT"},
#endif
    {of(Err::bad_certificate), "certificate cannot be read"},
    {of(Err::bad_private_key), "private key cannot be read or is damaged"},
    {of(Err::key_mismatch), "private key does not belong to the certificate"},
    {of(Err::no_certificate), "a server needs a certificate and its private key"},
    {of(Err::no_private_key), "private key for the certificate is missing"},
    {of(Err::bad_pem), "PEM is damaged or holds nothing usable"},
#if USSL_SIGN_CALLBACK
    {of(Err::signer_failed), "sign_callback gave no signature"},
#endif
    {of(Err::not_valid_now), "own certificate has expired or is not valid yet: renew it"},
#if USSL_SERVER || USSL_CLIENT_CERTIFICATES
    {of(Err::encrypted_private_key), "private key is encrypted: decrypt it first"},
#endif
#if USSL_ANCHOR_SOURCE
    {of(Err::bad_roots), "root bundle is damaged or cut short: make a new one"},
#endif
    {of(Err::no_randomness), "no source of randomness"},
    {of(Err::clock_not_set), "clock is not set: set it to verify certificates"},
    {of(Err::no_trust_anchors), "no trust anchors: load CA certificates to verify against"},
    {of(Err::no_server_name), "no server_hostname: give the name to verify"},
    {of(Err::bad_trust_anchor), "trust anchor cannot be read"},
#if USSL_PSK
    {of(Err::no_psk), "no pre-shared key, and this build has no certificates"},
#endif
    {of(Err::no_peer_certificate), "peer sent no certificate"},
    {of(Err::bad_peer_certificate), "peer's certificate is malformed"},
    {of(Err::untrusted), "certificate is not trusted: no valid path to a trust anchor"},
    {of(Err::expired), "certificate has expired"},
    {of(Err::not_yet_valid), "certificate is not valid yet: is the clock right?"},
    {of(Err::wrong_host), "certificate is for another host"},
    {of(Err::wrong_purpose), "certificate does not allow this use"},
    {of(Err::weak_key), "certificate's key is too weak"},
    {of(Err::weak_signature), "certificate is signed with a broken hash (MD5 or SHA-1)"},
#if USSL_VERIFY_CALLBACK
    {of(Err::refused_by_callback), "certificate was refused by verify_callback"},
#endif
#if USSL_PINS
    {of(Err::pin_mismatch), "certificate's key is not one of the pinned ones"},
#endif
    {of(Err::protocol_version), "no TLS version in common with the peer"},
    {of(Err::handshake_failure), "no cipher suite, group or signature in common"},
#if USSL_ALPN
    {of(Err::no_common_alpn), "no application protocol (ALPN) in common"},
#endif
    {of(Err::unexpected_message), "peer sent a message that is not allowed here"},
    {of(Err::bad_message), "peer sent a malformed message"},
    {of(Err::not_tls), "peer does not speak TLS"},
    {of(Err::bad_record), "peer sent data that fails its integrity check"},
    {of(Err::record_too_large), "peer sent a record that is too large"},
    {of(Err::peer_alert), "peer sent alert"},
#if USSL_HANDSHAKE_TIMEOUT || USSL_DTLS
    {of(Err::handshake_timeout), "handshake took longer than handshake_timeout allows"},
#endif
#if USSL_SERVER_NAMES
    {of(Err::unknown_server_name), "client asked for a server name that is not served here"},
#endif
#if USSL_PSK || USSL_RESUMPTION
    {of(Err::unknown_psk), "client's pre-shared key is not known"},
#endif
    {of(Err::bad_signature), "peer's handshake signature is wrong: not by the certificate's key"},
    {of(Err::message_too_large), "handshake message is too large (often certificates)"},
    {of(Err::truncated), "connection was cut (no close_notify)"},
    {of(Err::internal), "internal error"},
    {any_other, "unknown error"},
};
constexpr auto message_texts = pack<message_list>();

} // namespace

std::string_view message(Err code) {
    return code == Err::none ? "no error" : find_text(message_texts.data(), of(code));
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
    // The peer's certificate has a kind of key or signature that this build lacks.
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
    case Err::bad_signature: return Alert::decrypt_error;
    case Err::message_too_large: return Alert::illegal_parameter;
    default: return Alert::internal_error;
    }
}

} // namespace ussl
