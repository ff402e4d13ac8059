// Which of a peer's handshake messages are refused, and with which alert.
#include "support/doctest.hpp"
#include "support/material.hpp"
#include "support/raw.hpp"

#include "ussl/backend/message_rules.hpp"

#include <string>

using namespace ussl;
using namespace std::string_literals;
using namespace test::raw;

namespace {

using namespace extension_type;

constexpr auto fine = Alert::close_notify; // none

std::string sized8(const std::string& body) {
    return u8(static_cast<unsigned>(body.size())) + body;
}
std::string sized24(const std::string& body) {
    return u24(static_cast<unsigned>(body.size())) + body;
}
std::string list16(const std::string& body) { return sized16(body); }
std::string share(unsigned group, const std::string& key = "key") {
    return u16(group) + sized16(key);
}

const std::string random_bytes(32, 'r');
const std::string retry_random = "\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
                                 "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
const std::string versions = extension(supported_versions, sized8(u16(0x0304)));
const std::string schemes = extension(signature_algorithms, list16(u16(0x0403)));
const std::string groups = extension(supported_groups, list16(u16(23) + u16(29)));
const std::string shares = extension(key_share, list16(share(23)));
const std::string usual_1_3 = versions + schemes + groups + shares;
const std::string usual_1_2 = schemes + groups + extension(ec_point_formats, sized8(u8(0)));
const std::string modes = extension(psk_key_exchange_modes, sized8(u8(1)));
const std::string offered_key = extension(pre_shared_key, "");

std::string hello(const std::string& extensions, const std::string& compressions = u8(0)) {
    return u16(0x0303) + random_bytes + sized8("") + sized16(u16(0x1301)) + sized8(compressions) +
           sized16(extensions);
}

std::string keys(const std::string& identities, const std::string& binders) {
    return extension(pre_shared_key, sized16(identities) + sized16(binders));
}
const std::string identity = sized16("who") + "age."s;
const std::string binder = sized8(std::string(32, 'b'));

std::string answer(const std::string& extensions, const std::string& random = random_bytes) {
    return u16(0x0303) + random + sized8("") + u16(0x1301) + u8(0) + sized16(extensions);
}
const std::string chosen = extension(supported_versions, u16(0x0304));

// The alert for a message of this type, after valid ones.
Alert alert_of(MessageRules& rules, unsigned type, const std::string& body) {
    const Err error = rules.check(static_cast<std::uint8_t>(type), as_bytes(body));
    if (error == Err::none) return fine;
    CHECK(error == (rules.alert() == Alert::unexpected_message ? Err::unexpected_message
                                                               : Err::bad_message));
    return rules.alert();
}

Err check_points(MessageRules& rules, unsigned type, const std::string& body, bool by_psk) {
    const auto number = static_cast<std::uint8_t>(type);
    const Err error = rules.check_exchanged_point(number, as_bytes(body), by_psk);
    return error == Err::none ? rules.check_shared_points(number, as_bytes(body)) : error;
}

MessageRules client_that_asked(const std::string& extensions) {
    MessageRules rules;
    rules.start(Role::client, true);
    rules.sent_hello(as_bytes(hello(extensions)));
    return rules;
}

} // namespace

TEST_CASE("a ClientHello that the RFCs forbid") {
    const std::string name = sized16(u8(0) + sized16("localhost"));
    const struct {
        const char* what;
        std::string body;
        Alert alert;
        Alert before_1_3; // of a server that supports only TLS 1.2
    } rows[] = {
        {"usual", hello(usual_1_3), fine, fine},
        {"of TLS 1.2", hello(usual_1_2), fine, fine},
        {"no extensions", hello("").substr(0, hello("").size() - 2), fine, fine},
        {"empty", "", Alert::decode_error, Alert::decode_error},
        {"a byte behind it", hello(usual_1_3) + "x", Alert::decode_error, Alert::decode_error},
        {"no null compression", hello(usual_1_2, u8(1)), Alert::illegal_parameter,
         Alert::illegal_parameter},
        {"no compression", hello(usual_1_2, ""), Alert::decode_error, Alert::decode_error},
        {"more compressions", hello(usual_1_3, u8(0) + u8(1)), Alert::illegal_parameter, fine},
        {"a known extension twice", hello(usual_1_2 + groups), Alert::decode_error,
         Alert::decode_error},
        {"an unknown extension twice", hello(usual_1_2 + extension(999, "") + extension(999, "")),
         Alert::decode_error, Alert::decode_error},
        {"unknown extensions", hello(usual_1_2 + extension(999, "x") + extension(998, "")), fine,
         fine},
        {"a name", hello(usual_1_2 + extension(server_name, name)), fine, fine},
        {"no name in the list", hello(usual_1_2 + extension(server_name, u16(0))),
         Alert::decode_error, Alert::decode_error},
        {"a name and a byte", hello(usual_1_2 + extension(server_name, name + "x")),
         Alert::decode_error, Alert::decode_error},
        {"no point formats", hello(schemes + extension(ec_point_formats, u8(0))),
         Alert::decode_error, Alert::decode_error},
        {"points that are compressed only",
         hello(schemes + extension(ec_point_formats, sized8(u8(1)))), Alert::illegal_parameter,
         Alert::illegal_parameter},
        {"the same, which TLS 1.3 does not look at",
         hello(usual_1_3 + extension(ec_point_formats, sized8(u8(1)))), fine,
         Alert::illegal_parameter},
        {"renegotiation", hello(usual_1_2 + extension(renegotiation_info, sized8("finished"))),
         Alert::handshake_failure, Alert::handshake_failure},
        {"no renegotiation", hello(usual_1_2 + extension(renegotiation_info, u8(0))), fine, fine},
        {"a master secret with something",
         hello(usual_1_2 + extension(extended_master_secret, "x")), Alert::decode_error,
         Alert::decode_error},
        {"no protocol in the list",
         hello(usual_1_2 + extension(application_layer_protocol_negotiation, u16(0))),
         Alert::decode_error, Alert::decode_error},
        {"an empty protocol",
         hello(usual_1_2 + extension(application_layer_protocol_negotiation, sized16(sized8("")))),
         Alert::decode_error, Alert::decode_error},
        {"no schemes", hello(versions + groups + shares), Alert::missing_extension, fine},
        {"groups without a share", hello(versions + schemes + groups), Alert::missing_extension,
         fine},
        {"a share without groups", hello(versions + schemes + shares), Alert::missing_extension,
         fine},
        {"no share yet", hello(versions + schemes + groups + extension(key_share, u16(0))), fine,
         fine},
        {"two shares of a group",
         hello(versions + schemes + groups + extension(key_share, list16(share(23) + share(23)))),
         Alert::illegal_parameter, fine},
        {"an empty share",
         hello(versions + schemes + groups + extension(key_share, list16(share(23, "")))),
         Alert::decode_error, fine},
        {"a key", hello(usual_1_3 + modes + keys(identity, binder)), fine, fine},
        {"a key that is not last", hello(keys(identity, binder) + usual_1_3 + modes),
         Alert::illegal_parameter, fine},
        {"more keys than binders", hello(usual_1_3 + modes + keys(identity + identity, binder)),
         Alert::illegal_parameter, fine},
        {"more binders than keys", hello(usual_1_3 + modes + keys(identity, binder + binder)),
         Alert::illegal_parameter, fine},
        {"a short binder", hello(usual_1_3 + modes + keys(identity, sized8("short"))),
         Alert::decode_error, fine},
        {"a key without modes", hello(usual_1_3 + keys(identity, binder)), Alert::missing_extension,
         fine},
        {"unknown modes",
         hello(usual_1_3 + extension(psk_key_exchange_modes, sized8(u8(0x2a) + u8(1)))), fine,
         fine},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        for (const bool tls1_3 : {false, features::tls1_3}) {
            MessageRules rules;
            rules.start(Role::server, tls1_3);
            CHECK(alert_of(rules, handshake_type::client_hello, row.body) ==
                  (tls1_3 ? row.alert : row.before_1_3));
        }
    }
}

TEST_CASE("the first field of a ClientHello") {
    const struct {
        unsigned field;
        std::string extensions;
        bool tls1_2;
    } rows[] = {
        {0x0304, "", true},
        {0x03ff, "", true},
        {0x0303, versions, false}, // it names that version
        {0x0302, versions, true},
        {0x0301, extension(supported_versions, sized8(u16(0x0302) + u16(0x0303))), true},
        {0x0302, extension(supported_versions, sized8(u16(0x0302) + u16(0x0301))), false},
        {0x0302, "", false},
        {0x0300, versions, false},
        {0x0000, versions, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.field);
        const std::string body = u16(row.field) + hello(row.extensions).substr(2);
        CHECK(stands_for_tls1_2(as_bytes(body)) == row.tls1_2);
    }
    CHECK_FALSE(stands_for_tls1_2(as_bytes("\3"s)));
    if (!features::dtls) return;
    const struct {
        unsigned field;
        bool tls1_2;
    } datagrams[] = {{0xfefc, true},  {0xfe00, true},  {0xfdff, true},
                     {0xfefd, false}, {0xfeff, false}, {0xffff, false}};
    for (const auto& row : datagrams) {
        CAPTURE(row.field);
        const std::string body = u16(row.field) + hello("").substr(2);
        CHECK(stands_for_tls1_2(as_bytes(body), true) == row.tls1_2);
    }
}

TEST_CASE("early data is offered in a first hello, and skipped after it") {
    if (!features::tls1_3) return;
    const std::string offer = extension(early_data, "");
    MessageRules rules;
    rules.start(Role::server, true);
    CHECK(alert_of(rules, handshake_type::client_hello, hello(usual_1_3 + offer)) == fine);
    CHECK(rules.skips_early_data());
    SUBCASE("until a record opens") {
        rules.end_early_data();
        CHECK_FALSE(rules.skips_early_data());
    }
    SUBCASE("until a second hello") {
        CHECK(alert_of(rules, handshake_type::client_hello, hello(usual_1_3)) == fine);
        CHECK_FALSE(rules.skips_early_data());
    }
    SUBCASE("which no longer offers it") {
        CHECK(alert_of(rules, handshake_type::client_hello, hello(usual_1_3 + offer)) ==
              Alert::illegal_parameter);
        CHECK_FALSE(rules.skips_early_data());
    }
}

TEST_CASE("a ServerHello that the RFCs forbid") {
    MessageRules rules = client_that_asked(usual_1_3 + modes + extension(server_name, "x") +
                                           extension(extended_master_secret, "") + offered_key);
    const std::string own = chosen + extension(key_share, share(23));
    const struct {
        const char* what;
        std::string body;
        Alert alert;
    } rows[] = {
        {"usual", answer(own), fine},
        {"of TLS 1.2", answer(extension(extended_master_secret, "")), fine},
        {"without uncompressed points", answer(extension(ec_point_formats, sized8(u8(1)))),
         Alert::illegal_parameter},
        {"without point formats", answer(extension(ec_point_formats, sized8(""))),
         Alert::decode_error},
        {"unknown ones twice", answer(extension(999, "") + extension(999, "")),
         Alert::decode_error},
        {"without extensions", answer("").substr(0, answer("").size() - 2), fine},
        {"a byte behind it", answer(own) + "x", Alert::decode_error},
        {"not asked for", answer(extension(session_ticket, "")), Alert::unsupported_extension},
        {"not known", answer(extension(999, "")), Alert::unsupported_extension},
        {"twice", answer(own + extension(key_share, share(23))), Alert::decode_error},
        {"that belongs elsewhere", answer(own + extension(server_name, "")),
         Alert::illegal_parameter},
        {"the name given back", answer(extension(server_name, "x")), Alert::decode_error},
        {"of TLS 1.3 in 1.2", answer(extension(key_share, share(23))), Alert::illegal_parameter},
        {"a share of a group without one", answer(chosen + extension(key_share, share(29))),
         Alert::illegal_parameter},
        {"no share", answer(chosen), Alert::missing_extension},
        {"a key without a share", answer(chosen + extension(pre_shared_key, u16(0))),
         Alert::missing_extension},
        {"of another version", "\x03\x01" + answer(extension(999, "")).substr(2), fine},
    };
    if (!features::tls1_3) return; // the rows are for both
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK(alert_of(rules, handshake_type::server_hello, row.body) == row.alert);
    }
}

TEST_CASE("a HelloRetryRequest must change the hello, and must be the only one") {
    if (!features::tls1_3) return;
    const struct {
        const char* what;
        std::string extensions;
        Alert alert;
    } rows[] = {
        {"another group", extension(key_share, u16(29)), fine},
        {"a cookie", extension(cookie, sized16("c")), fine},
        {"both", extension(key_share, u16(29)) + extension(cookie, sized16("c")), fine},
        {"nothing", "", Alert::illegal_parameter},
        {"the group of a share", extension(key_share, u16(23)), Alert::illegal_parameter},
        {"a group that was not offered", extension(key_share, u16(24)), Alert::illegal_parameter},
        {"an empty cookie", extension(cookie, sized16("")), Alert::decode_error},
        {"a cookie twice", extension(cookie, sized16("c")) + extension(cookie, sized16("c")),
         Alert::illegal_parameter},
        {"an unknown extension", extension(cookie, sized16("c")) + extension(999, ""),
         Alert::unsupported_extension},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        MessageRules rules = client_that_asked(usual_1_3);
        const std::string retry = answer(chosen + row.extensions, retry_random);
        CHECK(alert_of(rules, handshake_type::server_hello, retry) == row.alert);
        if (row.alert == fine)
            CHECK(alert_of(rules, handshake_type::server_hello, retry) ==
                  Alert::unexpected_message);
    }
}

TEST_CASE("messages of TLS 1.3 that the RFCs forbid") {
    if (!features::tls1_3) return;
    MessageRules client = client_that_asked(usual_1_3 + extension(server_name, "x"));
    const std::string agreed = answer(chosen + extension(key_share, share(23)));
    REQUIRE(alert_of(client, handshake_type::server_hello, agreed) == fine);
    MessageRules server;
    server.start(Role::server, true);
    REQUIRE(alert_of(server, handshake_type::client_hello, hello(usual_1_3)) == fine);
    const auto certificates = [](const std::string& extensions) {
        return sized8("") + sized24(sized24("certificate") + sized16(extensions));
    };
    const auto ticket = [](const std::string& name, const std::string& extensions) {
        return std::string(4 + 4, '\1') + sized8("nonce") + sized16(name) + sized16(extensions);
    };
    const struct {
        const char* what;
        MessageRules& rules;
        unsigned type;
        std::string body;
        Alert alert;
    } rows[] = {
        {"none", client, 8, u16(0), fine},
        {"asked for", client, 8, sized16(extension(server_name, "")), fine},
        {"not asked for", client, 8, sized16(extension(session_ticket, "")),
         Alert::unsupported_extension},
        {"asked for, with a name", client, 8, sized16(extension(server_name, "x")),
         Alert::decode_error},
        {"that belongs elsewhere", client, 8, sized16(extension(key_share, "")),
         Alert::illegal_parameter},
        {"twice", client, 8, sized16(extension(server_name, "") + extension(server_name, "")),
         Alert::decode_error},
        {"a byte behind them", client, 8, u16(0) + u8(0), Alert::decode_error},
        {"request", client, 13, sized8("") + sized16(schemes), fine},
        {"request with what is not known", client, 13,
         sized8("") + sized16(schemes + extension(999, "x")), fine},
        {"request twice", client, 13, sized8("") + sized16(schemes + schemes), Alert::decode_error},
        {"request without schemes", client, 13, sized8("") + sized16(""), Alert::missing_extension},
        {"request with a context", client, 13, sized8("c") + sized16(schemes),
         Alert::unexpected_message},
        {"request with no authority", client, 13,
         sized8("") + sized16(schemes + extension(certificate_authorities, u16(0))),
         Alert::decode_error},
        {"certificate", client, 11, certificates(""), fine},
        {"certificate with a status", client, 11, certificates(extension(status_request, "x")),
         Alert::unsupported_extension},
        {"client's certificate with a status", server, 11,
         certificates(extension(status_request, "x")), Alert::unsupported_extension},
        {"empty certificate", client, 11, sized8("") + sized24(sized24("") + sized16("")),
         Alert::decode_error},
        {"signature", client, 15, u16(0x0403) + sized16("s"), fine},
        {"signature by PSS", server, 15, u16(0x0804) + sized16("s"), fine},
        {"signature by PKCS #1", client, 15, u16(0x0401) + sized16("s"), Alert::illegal_parameter},
        {"signature with SHA-1", server, 15, u16(0x0203) + sized16("s"), Alert::illegal_parameter},
        {"signature and a byte", client, 15, u16(0x0403) + sized16("s") + "x", Alert::decode_error},
        {"ticket", client, 4, ticket("t", extension(early_data, "size") + extension(999, "")),
         fine},
        {"empty ticket", client, 4, ticket("", ""), Alert::decode_error},
        {"ticket with an extension twice", client, 4,
         ticket("t", extension(early_data, "size") + extension(early_data, "size")),
         Alert::illegal_parameter},
        {"ticket and a byte", client, 4, ticket("t", "") + "x", Alert::decode_error},
        {"KeyUpdate", client, 24, u8(0), fine},
        {"KeyUpdate that asks for one", server, 24, u8(1), fine},
        {"KeyUpdate of no known kind", client, 24, u8(2), Alert::illegal_parameter},
        {"empty KeyUpdate", client, 24, "", Alert::decode_error},
        {"KeyUpdate and a byte", client, 24, u16(0), Alert::decode_error},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK(alert_of(row.rules, row.type, row.body) == row.alert);
    }
}

TEST_CASE("points in another form than the uncompressed one are refused") {
    const std::string point = std::string("\4") + std::string(64, 'p');
    const std::string compressed = std::string("\2") + std::string(32, 'p');
    const std::string large = std::string("\3") + std::string(48, 'p');
    const std::string hybrid = std::string("\7") + std::string(64, 'p');
    const std::string of_x25519(32, '\2'), of_x25519mlkem768(1216, '\2'), of_x448(56, '\2');
    const struct {
        const char* what;
        std::string point;
        bool good;
    } rows[] = {
        {"uncompressed", point, true},
        {"X25519", of_x25519, true},
        {"X25519MLKEM768", of_x25519mlkem768, true},
        {"compressed", compressed, false},
        {"of secp384r1", large, false},
        {"hybrid", hybrid, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const std::string offered =
            list16(share(29, of_x25519) + share(30, of_x448) + share(23, row.point));
        const struct {
            unsigned type;
            std::string body;
            bool by_psk;
        } messages[] = {
            {handshake_type::client_hello, hello(usual_1_2 + extension(key_share, offered)), false},
            {handshake_type::server_hello,
             answer(chosen + extension(key_share, share(23, row.point))), false},
            {handshake_type::server_key_exchange, u8(3) + u16(23) + sized8(row.point) + "signature",
             false},
            {handshake_type::server_key_exchange,
             sized16("hint") + u8(3) + u16(23) + sized8(row.point), true},
            {handshake_type::client_key_exchange, sized8(row.point), false},
            {handshake_type::client_key_exchange, sized16("who") + sized8(row.point), true},
        };
        for (const auto& message : messages) {
            const bool in_one_byte = message.type != handshake_type::client_hello &&
                                     message.type != handshake_type::server_hello;
            if (in_one_byte && row.point.size() > 255) continue; // TLS 1.3 has those alone
            if (message.by_psk && !features::ecdhe_psk) continue;
            if (message.type == handshake_type::server_key_exchange && !features::client) continue;
            if (message.type == handshake_type::client_key_exchange && !features::server) continue;
            CAPTURE(message.type);
            MessageRules rules;
            const Err error = check_points(rules, message.type, message.body, message.by_psk);
            CHECK(error == (row.good ? Err::none : Err::bad_message));
            if (!row.good) CHECK(rules.alert() == Alert::illegal_parameter);
        }
    }
    // Cut short, and without shares: the library says what is wrong, if anything.
    MessageRules rules;
    for (const unsigned type : {1u, 2u, 12u, 16u, 20u})
        for (const std::string& body : {""s, "\3"s, hello(""), hello(extension(key_share, "\0"s))})
            CHECK(check_points(rules, type, body, true) == Err::none);
}

TEST_CASE("records without data are counted until data come") {
    if (!features::tls1_3) return;
    MessageRules server;
    server.start(Role::server, true);
    REQUIRE(alert_of(server, handshake_type::client_hello, hello(usual_1_3)) == fine);
    for (unsigned i = 0; i < 16; ++i) {
        CHECK(alert_of(server, handshake_type::key_update, u8(0)) == fine);
        CHECK(server.saw_useless() == Err::none);
    }
    SUBCASE("each kind excuses no other") {
        CHECK(server.saw_useless() == Err::unexpected_message);
        CHECK(server.alert() == Alert::unexpected_message);
    }
    SUBCASE("data do") {
        server.saw_data();
        CHECK(server.saw_useless() == Err::none);
    }
}

TEST_CASE("KeyUpdates are counted until data come") {
    if (!features::tls1_3) return;
    constexpr unsigned most = 32;
    for (const bool data : {false, true}) {
        MessageRules server;
        server.start(Role::server, true);
        REQUIRE(alert_of(server, handshake_type::client_hello, hello(usual_1_3)) == fine);
        for (unsigned i = 0; i < most; ++i)
            CHECK(alert_of(server, handshake_type::key_update, u8(0)) == fine);
        if (data) server.saw_data();
        CHECK(alert_of(server, handshake_type::key_update, u8(0)) ==
              (data ? fine : Alert::unexpected_message));
    }
}

TEST_CASE("in TLS 1.2 the suite names the kind of the certificate's key") {
    if (!features::rsa) return; // there is one kind
    const struct {
        unsigned suite;
        const char* file;
        bool fits;
    } rows[] = {
        {0xc02b, "p256.crt.der", true},
        {0xc02f, "rsa.crt.der", true},
        {0xc02f, "p256.crt.der", false},
        {0xc02b, "rsa.crt.der", false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.suite);
        CAPTURE(row.file);
        const test::Blob& der = test::file(row.file);
        const std::string certificate(der.begin(), der.end());
        MessageRules rules;
        rules.start(Role::client, false);
        rules.sent_hello(as_bytes(hello(usual_1_2)));
        const std::string agreed =
            u16(0x0303) + random_bytes + sized8("") + u16(row.suite) + u8(0) + sized16("");
        CHECK(alert_of(rules, handshake_type::server_hello, agreed) == fine);
        CHECK(rules.check(handshake_type::certificate, as_bytes(sized24(sized24(certificate)))) ==
              (row.fits ? Err::none : Err::wrong_purpose));
        if (!row.fits) CHECK(rules.alert() == Alert::unsupported_certificate);
        // What cannot be read is the verdict's to refuse.
        CHECK(alert_of(rules, handshake_type::certificate, sized24(sized24("none"))) == fine);
        CHECK(alert_of(rules, handshake_type::certificate, "") == fine);
    }
}
