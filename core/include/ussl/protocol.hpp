// Numbers of the protocol: versions, cipher suites, alerts.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ussl {

// RFC 8446, 4.1.2 (ProtocolVersion). none: not negotiated yet.
enum class Version : std::uint16_t { none = 0, tls1_2 = 0x0303, tls1_3 = 0x0304 };

// "TLSv1.2", "TLSv1.3"; empty for none.
std::string_view name_of(Version version);

// All cipher suites that a backend may have, with IANA numbers and names.
struct Suite {
    std::uint16_t number;
    Version version;
    std::string_view name;
};
std::span<const Suite> suites();

// The number of a suite by its IANA name, or by that name with dashes, as MicroPython's own module
// writes it. 0: unknown.
std::uint16_t suite_number(std::string_view name);

// Whether suites() has this number.
bool is_known_suite(std::uint16_t number);

// The IANA name of a cipher suite ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"); empty if no backend
// has it.
std::string_view suite_name(std::uint16_t suite);

// RFC 8446, 6 (AlertDescription): the alerts that this project sends or explains.
enum class Alert : std::uint8_t {
    close_notify = 0,
    unexpected_message = 10,
    bad_record_mac = 20,
    record_overflow = 22,
    handshake_failure = 40,
    bad_certificate = 42,
    unsupported_certificate = 43,
    certificate_revoked = 44,
    certificate_expired = 45,
    certificate_unknown = 46,
    illegal_parameter = 47,
    unknown_ca = 48,
    access_denied = 49,
    decode_error = 50,
    decrypt_error = 51,
    protocol_version = 70,
    insufficient_security = 71,
    internal_error = 80,
    inappropriate_fallback = 86,
    user_canceled = 90,
    no_renegotiation = 100,
    missing_extension = 109,
    unsupported_extension = 110,
    unrecognized_name = 112,
    bad_certificate_status_response = 113,
    unknown_psk_identity = 115,
    certificate_required = 116,
    no_application_protocol = 120,
};

// "unknown CA", for example; "unknown alert" for other numbers.
std::string_view alert_name(std::uint8_t alert);

} // namespace ussl
