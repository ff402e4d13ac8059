// One list of errors for all backends. The numbers are stable: scripts may compare them.
#pragma once

#include "ussl/protocol.hpp"

#include <cstdint>
#include <string_view>

namespace ussl {

// Numbers start above every errno of the systems that the binding runs on, so that an OSError's
// first argument tells transport errors (errno) from TLS errors (these).
enum class Err : std::uint16_t {
    none = 0,

    // The caller's mistakes.
    invalid_argument = 1000, // a setting has a value that it can never have
    invalid_state = 1001,    // an operation that this state does not allow (closed, not open)
    unsupported = 1002,      // this build or this library lacks what was asked for
    no_memory = 1003,
    datagram_too_large = 1004, // write() of more than Session::max_fragment_length() bytes

    // The caller's certificates and keys.
    bad_certificate = 1010, // own certificate, or one to make a pin of, cannot be read
    bad_private_key = 1011, // private key cannot be read, or its numbers do not belong together
    key_mismatch = 1012,    // private key does not belong to the certificate
    no_certificate = 1013,  // a server without certificate, or a key without one
    no_private_key = 1014,  // a certificate without private key
    bad_pem = 1015,         // PEM armour or its base64 is broken, or holds nothing
    signer_failed = 1016,   // Credential::signer gave no signature
    not_valid_now = 1017,   // own certificate has expired, or is not valid yet
    encrypted_private_key = 1018,
    bad_roots = 1019, // a root bundle that is damaged, cut short, or of another version

    // What the device must provide.
    no_randomness = 1020,
    clock_not_set = 1021, // no clock, or one that shows a time before earliest_time

    // Verification was asked for without what it needs.
    no_trust_anchors = 1030,
    no_server_name = 1031,
    bad_trust_anchor = 1032, // trust anchor cannot be read

    // The verdict on the peer's certificate.
    no_peer_certificate = 1040,  // the peer sent none
    bad_peer_certificate = 1041, // malformed, or with an unknown critical or a repeated extension
    untrusted = 1042,            // no valid path to a trust anchor
    expired = 1043,
    not_yet_valid = 1044,
    wrong_host = 1045,
    wrong_purpose = 1046, // key usage or extended key usage does not allow this use
    weak_key = 1047,
    weak_signature = 1048,
    refused_by_callback = 1049,
    pin_mismatch = 1050, // none of the peer's certificates has a pinned key

    // The protocol.
    protocol_version = 1060,    // no version in common
    handshake_failure = 1061,   // no suite, group or signature algorithm in common
    no_common_alpn = 1062,      // RFC 7301, 3.2
    unexpected_message = 1063,  // a message out of order, renegotiation included
    bad_message = 1064,         // a message that cannot be decoded or has an illegal value
    not_tls = 1065,             // the first bytes are no TLS record
    bad_record = 1066,          // a record or a Finished that fails its check
    record_too_large = 1067,    // a record larger than the protocol or the buffer allows
    peer_alert = 1068,          // the peer gave up: see Error::alert
    handshake_timeout = 1069,   // ContextConfig::handshake_timeout has passed
    unknown_server_name = 1070, // a client asked for a name that is not served here
    unknown_psk = 1071,   // a client's pre-shared identity is not known, or its key is another
    bad_signature = 1072, // of the handshake: not made with the certificate's key, or no signature
    // A message of the handshake that is larger than USSL_HANDSHAKE_MESSAGE, or an own one than the
    // library can send.
    message_too_large = 1073,

    // The transport.
    truncated = 1080, // ended without close_notify, or within the handshake

    internal = 1099, // a defect, here or in the library, that no peer can cause: see Error::library
};

struct Error {
    Err code = Err::none;
    std::uint8_t alert = 0;   // with peer_alert: the AlertDescription that the peer sent
    std::int32_t library = 0; // the library's own number, for the curious; 0 if it gave none
    // From Context::open(), of what it was given: which certificate of the chain, or which trust
    // anchor, is meant, and with which of ContextConfig::more_credentials, each counted from 1. 0:
    // none; and ContextConfig::credential.
    std::uint16_t certificate = 0;
    std::uint16_t credential = 0;
};

// One sentence that says what is wrong and, where there is something to do, what to do. Static
// storage, NUL-terminated, the same on every backend. "unknown error" for what is none of the
// above, or comes of a feature only that the build lacks.
std::string_view message(Err code);

// The alert that tells a peer of this error (RFC 8446, 6.2).
Alert alert_for(Err code);

} // namespace ussl
