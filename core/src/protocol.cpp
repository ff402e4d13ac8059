#include "ussl/protocol.hpp"

#include "ussl/backend/text_table.hpp"
#include "ussl/features.hpp"

#include <array>
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
#if USSL_AES_CCM
    {0x1304, tls1_3, "TLS_AES_128_CCM_SHA256"},
    {0x1305, tls1_3, "TLS_AES_128_CCM_8_SHA256"},
    // RFC 7251
    {0xc0ac, tls1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ae, tls1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
#endif
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
    // RFC 8442
    {0xd001, tls1_2, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256"},
    {0xd002, tls1_2, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384"},
#if USSL_AES_CCM
    {0xd003, tls1_2, "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256"},
    {0xd005, tls1_2, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"},
    // RFC 6655
    {0xc0a4, tls1_2, "TLS_PSK_WITH_AES_128_CCM"},
    {0xc0a8, tls1_2, "TLS_PSK_WITH_AES_128_CCM_8"},
#endif
#endif
};

constexpr unsigned suite_count = std::size(known_suites);

constexpr auto suite_numbers = [] {
    std::array<std::uint16_t, suite_count> numbers{};
    for (unsigned i = 0; i < suite_count; ++i)
        numbers[i] = known_suites[i].number;
    return numbers;
}();

// Their names, by index.
constexpr auto name_list = [] {
    std::array<NumberedText, suite_count + 1> names{};
    for (unsigned i = 0; i < suite_count; ++i)
        names[i] = {i, known_suites[i].name};
    names[suite_count].number = any_other;
    return names;
}();
constexpr auto suite_names = pack<name_list>();

// suite_count: not in the list.
unsigned index_of(std::uint16_t number) {
    unsigned index = 0;
    while (index < suite_count && suite_numbers[index] != number)
        ++index;
    return index;
}

// Empty for suite_count.
std::string_view name_at(unsigned index) { return find_text(suite_names.data(), index); }

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
    // MicroPython's module has "TLS1-3-" where IANA has "TLS_".
    constexpr std::string_view own = "TLS1_3", iana = "TLS";
    const bool is_own = name.size() > own.size() && same_name(own, {name.data(), own.size()});
    for (unsigned i = 0; i < suite_count; ++i) {
        const std::string_view known = name_at(i);
        if (is_own ? suite_numbers[i] >> 8 == 0x13 &&
                         same_name({known.data() + iana.size(), known.size() - iana.size()},
                                   {name.data() + own.size(), name.size() - own.size()})
                   : same_name(known, name))
            return suite_numbers[i];
    }
    return 0;
}

std::string_view suite_name(std::uint16_t number) { return name_at(index_of(number)); }

// Uses the numbers only, so that programs without names do not link them.
bool is_known_suite(std::uint16_t number) { return index_of(number) < suite_count; }

namespace {

constexpr unsigned of(Alert alert) { return static_cast<unsigned>(alert); }

constexpr NumberedText alert_list[] = {
    {of(Alert::close_notify), "close notify"},
    {of(Alert::unexpected_message), "unexpected message"},
    {of(Alert::bad_record_mac), "bad record MAC"},
    {of(Alert::record_overflow), "record overflow"},
    {of(Alert::handshake_failure), "handshake failure"},
    {of(Alert::bad_certificate), "bad certificate"},
    {of(Alert::unsupported_certificate), "unsupported certificate"},
    {of(Alert::certificate_revoked), "certificate revoked"},
    {of(Alert::certificate_expired), "certificate expired"},
    {of(Alert::certificate_unknown), "certificate unknown"},
    {of(Alert::illegal_parameter), "illegal parameter"},
    {of(Alert::unknown_ca), "unknown CA"},
    {of(Alert::access_denied), "access denied"},
    {of(Alert::decode_error), "decode error"},
    {of(Alert::decrypt_error), "decrypt error"},
    {of(Alert::protocol_version), "protocol version"},
    {of(Alert::insufficient_security), "insufficient security"},
    {of(Alert::internal_error), "internal error"},
    {of(Alert::inappropriate_fallback), "inappropriate fallback"},
    {of(Alert::user_canceled), "user canceled"},
    {of(Alert::no_renegotiation), "no renegotiation"},
    {of(Alert::missing_extension), "missing extension"},
    {of(Alert::unsupported_extension), "unsupported extension"},
    {of(Alert::unrecognized_name), "unrecognized name"},
    {of(Alert::bad_certificate_status_response), "bad certificate status response"},
    {of(Alert::unknown_psk_identity), "unknown PSK identity"},
    {of(Alert::certificate_required), "certificate required"},
    {of(Alert::no_application_protocol), "no application protocol"},
    {any_other, "unknown alert"},
};
constexpr auto alert_texts = pack<alert_list>();

} // namespace

std::string_view alert_name(std::uint8_t alert) { return find_text(alert_texts.data(), alert); }

} // namespace ussl
