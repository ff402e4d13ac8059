#include "ussl/protocol.hpp"

#include "ussl/features.hpp"

#include <iterator>

namespace ussl {

std::string_view name_of(Version version) {
    switch (version) {
    case Version::tls1_2: return "TLSv1.2";
    case Version::tls1_3: return "TLSv1.3";
    case Version::none: break;
    }
    return {};
}

namespace {

using enum Version;
constexpr Suite known_suites[] = {
    // RFC 8446, B.4
    {0x1301, tls1_3, "TLS_AES_128_GCM_SHA256"},
    {0x1302, tls1_3, "TLS_AES_256_GCM_SHA384"},
    {0x1303, tls1_3, "TLS_CHACHA20_POLY1305_SHA256"},
    // RFC 5289
    {0xc02b, tls1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, tls1_2, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, tls1_2, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, tls1_2, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    // RFC 7905
    {0xcca8, tls1_2, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, tls1_2, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
#if USSL_PSK
    // RFC 5487, RFC 7905
    {0x00a8, tls1_2, "TLS_PSK_WITH_AES_128_GCM_SHA256"},
    {0x00a9, tls1_2, "TLS_PSK_WITH_AES_256_GCM_SHA384"},
    {0xccab, tls1_2, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccac, tls1_2, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"},
#endif
};

char plain(char c) { return c == '-' ? '_' : c; }

bool same_name(std::string_view iana, std::string_view given) {
    if (iana.size() != given.size()) return false;
    for (std::size_t i = 0; i < iana.size(); ++i)
        if (iana[i] != plain(given[i])) return false;
    return true;
}

} // namespace

std::span<const Suite> suites() { return known_suites; }

std::uint16_t suite_number(std::string_view name) {
    // mbedTLS has "TLS1-3-" where IANA has "TLS_".
    constexpr std::string_view own = "TLS1_3", iana = "TLS";
    const bool is_own = name.size() > own.size() && same_name(own, {name.data(), own.size()});
    for (const Suite& suite : known_suites) {
        if (is_own
                ? suite.version == tls1_3 &&
                      same_name({suite.name.data() + iana.size(), suite.name.size() - iana.size()},
                                {name.data() + own.size(), name.size() - own.size()})
                : same_name(suite.name, name))
            return suite.number;
    }
    return 0;
}

// By the numbers alone, so that who needs no names does not link them.
bool is_suite(std::uint16_t number) {
    struct Numbers {
        std::uint16_t all[std::size(known_suites)];
    };
    static constexpr Numbers numbers = [] {
        Numbers made{};
        for (std::size_t i = 0; i < std::size(known_suites); ++i)
            made.all[i] = known_suites[i].number;
        return made;
    }();
    for (const std::uint16_t known : numbers.all)
        if (known == number) return true;
    return false;
}

std::string_view suite_name(std::uint16_t number) {
    for (const Suite& suite : known_suites)
        if (suite.number == number) return suite.name;
    return {};
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
