#include "support/error_names.hpp"

namespace ussl::test {

#define NAMED(name)                                                                                \
    { Err::name, #name }
const NamedErr all_errors[49] = {
    NAMED(none),
    NAMED(invalid_argument),
    NAMED(invalid_state),
    NAMED(unsupported),
    NAMED(no_memory),
    NAMED(no_memory_for_record),
    NAMED(bad_certificate),
    NAMED(bad_private_key),
    NAMED(key_mismatch),
    NAMED(no_certificate),
    NAMED(no_private_key),
    NAMED(bad_pem),
    NAMED(signer_failed),
    NAMED(not_valid_now),
    NAMED(encrypted_private_key),
    NAMED(bad_roots),
    NAMED(no_randomness),
    NAMED(clock_not_set),
    NAMED(no_trust_anchors),
    NAMED(no_server_name),
    NAMED(bad_trust_anchor),
    NAMED(no_psk),
    NAMED(no_peer_certificate),
    NAMED(bad_peer_certificate),
    NAMED(untrusted),
    NAMED(expired),
    NAMED(not_yet_valid),
    NAMED(wrong_host),
    NAMED(wrong_purpose),
    NAMED(weak_key),
    NAMED(weak_signature),
    NAMED(refused_by_callback),
    NAMED(pin_mismatch),
    NAMED(protocol_version),
    NAMED(handshake_failure),
    NAMED(no_common_alpn),
    NAMED(unexpected_message),
    NAMED(bad_message),
    NAMED(not_tls),
    NAMED(bad_record),
    NAMED(record_too_large),
    NAMED(peer_alert),
    NAMED(handshake_timeout),
    NAMED(unknown_server_name),
    NAMED(unknown_psk),
    NAMED(bad_signature),
    NAMED(message_too_large),
    NAMED(truncated),
    NAMED(internal),
};
#undef NAMED

const char* name_of(Err code) {
    for (const NamedErr& error : all_errors)
        if (error.code == code) return error.name;
    return "no Err";
}

} // namespace ussl::test
