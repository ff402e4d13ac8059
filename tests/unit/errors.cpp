// Names and texts of errors: each number of each list has its own.
#include "support/doctest.hpp"

#include "ussl/error.hpp"
#include "ussl/features.hpp"
#include "ussl/protocol.hpp"

#include <set>
#include <string>

using namespace ussl;

// Whether only a feature that the build lacks gives this error: then it has no message.
static bool is_lacking(Err code) {
    switch (code) {
    case Err::no_memory_for_record: return !features::short_buffers;
    case Err::bad_roots: return !features::anchor_source;
    case Err::signer_failed: return !features::sign_callback;
    case Err::refused_by_callback: return !features::verify_callback;
    case Err::pin_mismatch: return !features::pins;
    case Err::no_common_alpn: return !features::alpn;
    case Err::handshake_timeout: return !features::handshake_timeout && !features::dtls;
    case Err::unknown_server_name: return !features::server_names;
    case Err::unknown_psk: return !features::psk && !features::resumption;
    case Err::no_psk: return !features::psk;
    default: return false;
    }
}

TEST_CASE("every error has its own message, which ends with NUL") {
    std::set<std::string_view> seen;
    for (const test::NamedErr& error : test::all_errors) {
        INFO(std::string(error.name));
        const std::string_view text = message(error.code);
        if (is_lacking(error.code)) continue;
        CHECK(text != "unknown error");
        CHECK(text.data()[text.size()] == '\0');
        CHECK(seen.insert(text).second);
    }
    CHECK(message(static_cast<Err>(9999)) == "unknown error");
}

TEST_CASE("an error's number never changes") {
    const struct {
        Err code;
        int number;
    } rows[] = {
        {Err::none, 0},
        {Err::invalid_argument, 1000},
        {Err::invalid_state, 1001},
        {Err::unsupported, 1002},
        {Err::no_memory, 1003},
        {Err::no_memory_for_record, 1005},
        {Err::bad_certificate, 1010},
        {Err::bad_private_key, 1011},
        {Err::key_mismatch, 1012},
        {Err::no_certificate, 1013},
        {Err::no_private_key, 1014},
        {Err::bad_pem, 1015},
        {Err::signer_failed, 1016},
        {Err::not_valid_now, 1017},
        {Err::encrypted_private_key, 1018},
        {Err::bad_roots, 1019},
        {Err::no_randomness, 1020},
        {Err::clock_not_set, 1021},
        {Err::no_trust_anchors, 1030},
        {Err::no_server_name, 1031},
        {Err::bad_trust_anchor, 1032},
        {Err::no_psk, 1033},
        {Err::no_peer_certificate, 1040},
        {Err::bad_peer_certificate, 1041},
        {Err::untrusted, 1042},
        {Err::expired, 1043},
        {Err::not_yet_valid, 1044},
        {Err::wrong_host, 1045},
        {Err::wrong_purpose, 1046},
        {Err::weak_key, 1047},
        {Err::weak_signature, 1048},
        {Err::refused_by_callback, 1049},
        {Err::pin_mismatch, 1050},
        {Err::protocol_version, 1060},
        {Err::handshake_failure, 1061},
        {Err::no_common_alpn, 1062},
        {Err::unexpected_message, 1063},
        {Err::bad_message, 1064},
        {Err::not_tls, 1065},
        {Err::bad_record, 1066},
        {Err::record_too_large, 1067},
        {Err::peer_alert, 1068},
        {Err::handshake_timeout, 1069},
        {Err::unknown_server_name, 1070},
        {Err::unknown_psk, 1071},
        {Err::bad_signature, 1072},
        {Err::message_too_large, 1073},
        {Err::truncated, 1080},
        {Err::internal, 1099},
    };
    CHECK(std::size(rows) == std::size(test::all_errors));
    for (const auto& row : rows)
        CHECK(static_cast<int>(row.code) == row.number);
}

TEST_CASE("each error that a peer can cause has an alert with a name") {
    for (const test::NamedErr& error : test::all_errors) {
        INFO(std::string(error.name));
        const Alert alert = alert_for(error.code);
        CHECK(alert_name(static_cast<std::uint8_t>(alert)) != "unknown alert");
        CHECK(alert != Alert::close_notify);
        const int number = static_cast<int>(error.code);
        const bool peers = (number >= 1040 && number < 1080 && error.code != Err::peer_alert) ||
                           error.code == Err::unsupported;
        CHECK((alert != Alert::internal_error) == peers);
    }
}

TEST_CASE("every alert number has its own name") {
    std::set<std::string_view> seen;
    unsigned named = 0;
    for (unsigned number = 0; number < 256; ++number) {
        const std::string_view name = alert_name(static_cast<std::uint8_t>(number));
        if (name == "unknown alert") continue;
        ++named;
        CHECK(seen.insert(name).second);
    }
    CHECK(named == 28);
    CHECK(alert_name(48) == "unknown CA");
    CHECK(alert_name(120) == "no application protocol");
}

TEST_CASE("versions and suites have their registered names") {
    CHECK(name_of(Version::tls1_2) == "TLSv1.2");
    CHECK(name_of(Version::tls1_3) == "TLSv1.3");
    CHECK(name_of(Version::none).empty());
    CHECK(suite_name(0x1301) == "TLS_AES_128_GCM_SHA256");
    CHECK(suite_name(0xc02b) == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    CHECK(suite_name(0xcca8) == "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    CHECK(suite_name(0x0000).empty());
    CHECK(suite_name(0x0005).empty()); // RC4
}
