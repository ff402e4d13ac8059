// One list of errors for all backends. The numbers are stable: scripts may compare them.
#pragma once

#include "ussl/protocol.hpp"

#include <cstdint>
#include <string_view>

namespace ussl {

// All numbers are above the errno values of the systems that the binding runs on: the first
// argument of an OSError is either an errno (transport) or one of these (TLS).
enum class Err : std::uint16_t {
    none = 0,

    // The caller's mistakes.
    invalid_argument = 1000, // a setting has a value that is never allowed
    invalid_state = 1001,    // this state does not allow the operation (closed, not open)
    unsupported = 1002,      // this build or its library cannot do it
    no_memory = 1003,
    datagram_too_large = 1004, // write() of more than Session::max_fragment_length() bytes
    // The peer sends a record of more than 4 KB, for which the device has no memory: see
    // USSL_SHORT_BUFFERS. Shorter records help: ContextConfig::max_fragment_length. If the peer
    // never sends such records USSL_RECORD_INPUT can be as small as its longest one.
    no_memory_for_record = 1005,

    // The caller's certificates and keys.
    bad_certificate = 1010, // own certificate, or one to pin, cannot be read
    bad_private_key = 1011, // private key cannot be read, or its numbers do not match
    key_mismatch = 1012,    // private key does not match the certificate
    no_certificate = 1013,  // server without certificate, or key without certificate
    no_private_key = 1014,  // certificate without private key
    bad_pem = 1015,         // PEM boundaries or base64 are damaged, or there is nothing to load
    signer_failed = 1016,   // Credential::signer returned no signature
    not_valid_now = 1017,   // own certificate has expired, or is not valid yet
    encrypted_private_key = 1018,
    bad_roots = 1019, // root bundle is damaged, cut short or of another version

    // What the device must provide.
    no_randomness = 1020,
    clock_not_set = 1021, // no clock, or it shows a time before earliest_time

    // Verification lacks a setting.
    no_trust_anchors = 1030,
    no_server_name = 1031,
    bad_trust_anchor = 1032, // trust anchor cannot be read
    no_psk = 1033,           // build without certificates, and no pre-shared key

    // The verdict on the peer's certificate.
    no_peer_certificate = 1040, // the peer sent none
    bad_peer_certificate =
        1041,         // malformed, or with an unknown critical extension or a repeated one
    untrusted = 1042, // no valid path to a trust anchor
    expired = 1043,
    not_yet_valid = 1044,
    wrong_host = 1045,
    wrong_purpose = 1046, // key usage or extended key usage forbids this use
    weak_key = 1047,
    weak_signature = 1048,
    refused_by_callback = 1049,
    pin_mismatch = 1050, // no certificate of the path has a pinned key

    // The protocol.
    protocol_version = 1060,    // no version in common
    handshake_failure = 1061,   // no suite, group or signature algorithm in common
    no_common_alpn = 1062,      // RFC 7301, 3.2
    unexpected_message = 1063,  // message out of order; also any renegotiation
    bad_message = 1064,         // message cannot be decoded, or has an illegal value
    not_tls = 1065,             // the first bytes are not a TLS record
    bad_record = 1066,          // record or Finished fails its integrity check
    record_too_large = 1067,    // record exceeds the limit of the protocol or of the build
    peer_alert = 1068,          // peer sent a fatal alert: see Error::alert
    handshake_timeout = 1069,   // ContextConfig::handshake_timeout has passed
    unknown_server_name = 1070, // client asked for a name that this server does not have
    unknown_psk = 1071,         // client's identity is unknown, or its key is wrong
    bad_signature = 1072,       // of the handshake: not by the certificate's key, or missing
    // A handshake message is larger than USSL_HANDSHAKE_MESSAGE, or an own one is larger than the
    // library can send.
    message_too_large = 1073,

    // The transport.
    truncated = 1080, // ended without close_notify, or during the handshake

    internal = 1099, // a defect here or in the library that no peer can cause: see Error::library
};

struct Error {
    Err code = Err::none;
    std::uint8_t alert = 0;   // with peer_alert: the AlertDescription from the peer
    std::int32_t library = 0; // the library's own error number; 0 if there is none
    // From Context::open(): the certificate that the error is about, within its chain or the trust
    // anchors, and the credential within ContextConfig::more_credentials. Both count from 1.
    // `certificate` 0: none in particular; `credential` 0: ContextConfig::credential.
    std::uint16_t certificate = 0;
    std::uint16_t credential = 0;
};

// One sentence: what is wrong and, if possible, what to do. Static storage, NUL-terminated, the
// same on every backend. "unknown error" for other numbers, and for errors of features that are not
// in the build.
std::string_view message(Err code);

// The alert for the peer (RFC 8446, 6.2).
Alert alert_for(Err code);

} // namespace ussl
