// Several certificates of a server, selected by the name that the client requests (RFC 6066, 3).
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include <string>

using namespace ussl;
using namespace ussl::test;
using namespace std::literals;

namespace {

// Beside "p256" (localhost, test.example): other.example, and *.wild.example.
std::span<const Credential> more() {
    static const Credential list[] = {credential("other-p256"), credential("wildcard")};
    return list;
}

struct Asked {
    int answer = -1;
    std::vector<std::string> names;

    ServerNameCallback callback() {
        return {this, [](void* user, std::string_view name) {
                    Asked& self = *static_cast<Asked*>(user);
                    self.names.emplace_back(name);
                    return self.answer;
                }};
    }
};

Settings server_of_names(Version version, Asked* asked = nullptr) {
    Settings server = server_settings().versions(version);
    server.config.more_credentials = more();
    if (asked != nullptr) server.config.server_name_callback = asked->callback();
    return server;
}

// Requests `sni`, verifies `verified`.
Settings client_for(Version version, std::string_view sni, std::string_view verified) {
    Settings client = client_settings().versions(version);
    client.identity = {.sni = sni, .dns_name = verified};
    client.config.keep_peer_certificate = true;
    return client;
}

// The file of the certificate that a client gets; empty: the handshake failed.
std::string shown(const BackendUnderTest& backend, const Settings& client, const Settings& server) {
    OpenEnds ends(backend, client, server);
    Connection connection(ends.client, ends.server);
    if (!connection.establish()) return "";
    const Bytes seen = connection.client.session->peer_certificate();
    for (const char* name : {"p256", "other-p256", "wildcard", "rsa"})
        if (equal(seen, file(std::string(name) + ".crt.der"))) return name;
    return "another one";
}

// A ClientHello by hand, whose server_name extension contains `contents`. In TLS 1.3 the answer is
// a HelloRetryRequest.
std::string hello_with_name(Version version, const std::string& contents) {
    using namespace raw;
    std::string extensions = extension(0, contents) + usual_extensions();
    if (version != Version::tls1_3) return client_hello(0x0303, "\xc0\x2b", extensions);
    constexpr unsigned supported_versions = 43, key_share = 51;
    extensions +=
        extension(supported_versions, u8(2) + u16(0x0304)) + extension(key_share, sized16(""));
    return client_hello(0x0303, "\x13\x01", extensions);
}

std::string one_name(const std::string& name, unsigned type = 0) {
    return raw::sized16(raw::u8(type) + raw::sized16(name));
}

// Passes that hello to a server, `piece` bytes at once. none: the handshake continues.
struct Answer {
    Err error = Err::none;
    int alert = -1; // as sent
};
Answer answer_of(const BackendUnderTest& backend, Version version, const Settings& server,
                 const std::string& contents, std::size_t piece) {
    Endpoint endpoint(backend, server);
    REQUIRE(endpoint.open().code == Err::none);
    Pipe out, in;
    Side side(backend, out, in);
    REQUIRE(side.session->open(*endpoint.context, {}).code == Err::none);
    in.max_read = piece;
    in.inject(as_bytes(hello_with_name(version, contents)));
    const Status status = side.pump.handshake().status;
    const Answer answer{side.err(), -1};
    std::string sent(4096, '\0');
    const TransportResult got =
        WireEnd(in, out).read({reinterpret_cast<std::uint8_t*>(sent.data()), sent.size()});
    sent.resize(got.kind == TransportResult::Kind::moved ? got.bytes : 0);
    const std::vector<raw::Record> records = raw::records_of(sent);
    REQUIRE(!records.empty());
    CHECK(status == (answer.error == Err::none ? Status::want_read : Status::failed));
    CHECK((records.front().type == 22) == (answer.error == Err::none));
    if (records.front().type != 21 || records.front().body.size() != 2) return answer;
    return {answer.error, static_cast<unsigned char>(records.front().body[1])};
}

} // namespace

EACH_BACKEND("a server shows the certificate for the requested name") {
    if (!backend.can().server_names) return;
    const struct {
        std::string_view sni, verified;
        const char* shown;
    } rows[] = {
        {"localhost", "localhost", "p256"},
        {"test.example", "test.example", "p256"},
        {"other.example", "other.example", "other-p256"},
        {"OTHER.example", "other.example", "other-p256"},
        {"other.example.", "other.example", "other-p256"},
        {"a.wild.example", "a.wild.example", "wildcard"},
        {"b.wild.example", "b.wild.example", "wildcard"},
        // The first one, if none is for the name, or if there is no name.
        {"wild.example", "localhost", "p256"},
        {"unknown.example", "localhost", "p256"},
        {"", "localhost", "p256"},
        // Sent, and refused by the client.
        {"other.example", "localhost", ""},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.sni);
            CHECK(shown(backend, client_for(version, row.sni, row.verified),
                        server_of_names(version)) == row.shown);
        }
}

EACH_BACKEND("one context serves clients of all names, one after the other and at once") {
    if (!backend.can().server_names) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Endpoint server(backend, server_of_names(version));
        Endpoint first(backend, client_for(version, "localhost", "localhost"));
        Endpoint second(backend, client_for(version, "other.example", "other.example"));
        for (Endpoint* end : {&server, &first, &second})
            REQUIRE(end->open().code == Err::none);
        Connection one(first, server), two(second, server), three(first, server);
        CHECK(two.establish());
        CHECK(one.establish());
        CHECK(three.establish());
        CHECK(equal(one.client.session->peer_certificate(), file("p256.crt.der")));
        CHECK(equal(two.client.session->peer_certificate(), file("other-p256.crt.der")));
        CHECK(equal(three.client.session->peer_certificate(), file("p256.crt.der")));
    }
}

EACH_BACKEND("a further certificate may have another kind of key") {
    if (!backend.can().server_names || !backend.can().rsa) return;
    static const Credential keys[] = {credential("rsa")};
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings server = server_settings("other-p256").versions(version);
        server.config.more_credentials = keys;
        CHECK(shown(backend, client_for(version, "localhost", "localhost"), server) == "rsa");
        CHECK(shown(backend, client_for(version, "other.example", "other.example"), server) ==
              "other-p256");
    }
}

EACH_BACKEND("the handler chooses for unknown names, and for clients without a name") {
    if (!backend.can().server_names) return;
    const struct {
        std::string_view sni;
        int answer;
        std::string_view verified;
        const char* shown;
        unsigned calls;
    } rows[] = {
        {"unknown.example", 0, "localhost", "p256", 1},
        {"unknown.example", 1, "other.example", "other-p256", 1},
        {"unknown.example", 2, "x.wild.example", "wildcard", 1},
        {"", 1, "other.example", "other-p256", 1},
        {"other.example", 0, "other.example", "other-p256", 0},
        {"a.wild.example", -1, "a.wild.example", "wildcard", 0},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.sni);
            CAPTURE(row.answer);
            Asked asked{.answer = row.answer, .names = {}};
            CHECK(shown(backend, client_for(version, row.sni, row.verified),
                        server_of_names(version, &asked)) == row.shown);
            CHECK(asked.names.size() == row.calls);
            for (const std::string& name : asked.names)
                CHECK(name == row.sni);
        }
}

EACH_BACKEND("a name that the handler refuses is unrecognized_name at both ends") {
    if (!backend.can().server_names) return;
    for (const Version version : versions_of(backend))
        for (const std::string_view sni : {"unknown.example", ""})
            for (const int answer : {-1, 3}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(sni);
                CAPTURE(answer);
                Asked asked{.answer = answer, .names = {}};
                const Refusal result = connect(backend, client_for(version, sni, "localhost"),
                                               backend, server_of_names(version, &asked));
                CHECK(result.server == Err::unknown_server_name);
                CHECK(result.client == Err::peer_alert);
                CHECK(result.client_heard == static_cast<int>(Alert::unrecognized_name));
                CHECK_FALSE(result.client_established);
                CHECK_FALSE(result.server_established);
                CHECK(asked.names.size() == 1);
            }
}

EACH_BACKEND("client certificates are requested under every name") {
    if (!backend.can().server_names || !backend.can().client_certificates) return;
    for (const Version version : versions_of(backend)) {
        Settings server = server_of_names(version);
        server.config.verify = Verify::required;
        server.config.trust_anchors = anchors({"ca"});
        Settings client = client_for(version, "other.example", "other.example");
        CHECK(connect(backend, client, backend, server).server == Err::no_peer_certificate);
        client.config.credential = credential("client");
        CHECK(connect(backend, client, backend, server).server_established);
    }
}

EACH_BACKEND("invalid further credentials are refused when the context opens") {
    const Err expected_mismatch = backend.can().server_names ? Err::key_mismatch : Err::unsupported;
    const Credential mixed[] = {credential("other-p256"),
                                {credential("wildcard").chain, credential("p384").private_key, {}}};
    Settings server = server_settings();
    server.config.more_credentials = mixed;
    Endpoint endpoint(backend, server);
    CHECK(endpoint.open().code == expected_mismatch);
    CHECK_FALSE(endpoint.context->is_open());
    // The context works as before.
    endpoint.settings = server_settings();
    CHECK(endpoint.open().code == Err::none);
}

EACH_BACKEND("without the capability several certificates, or a handler, are unsupported") {
    if (backend.can().server_names) return;
    Asked asked;
    Settings server = server_settings();
    server.config.more_credentials = more();
    CHECK(Endpoint(backend, server).open().code == Err::unsupported);
    server = server_settings();
    server.config.server_name_callback = asked.callback();
    CHECK(Endpoint(backend, server).open().code == Err::unsupported);
}

EACH_BACKEND("invalid host names are refused before the handler, and only by servers with names") {
    if (!backend.can().server_names) return;
    const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                                std::string(63, 'c') + "." + std::string(61, 'd');
    REQUIRE(longest.size() == 253);
    const struct {
        std::string name;
        bool good;
    } rows[] = {
        {"localhost", true},
        {"unknown.example", true},
        {"un_known-1.EXAMPLE", true},
        {"unknown.example.", true},
        {"127.0.0.1", true}, // not allowed, but some clients send it
        {longest, true},
        {longest + ".", true},
        {longest + "d", false},
        {std::string(255, 'a'), false},
        {std::string(256, 'a'), false},
        {std::string(300, 'a'), false},
        {std::string(4000, 'a') + ".example", false},
        {std::string(64, 'a') + ".example", false},
        {"\0"s, false},
        {"localhost\0"s, false},
        {"localhost\0.example"s, false},
        {"\0localhost"s, false},
        {"\xff\xfe", false},
        {"b\xc3\xbc"
         "cher.example",
         false},
        {"localhost\x80", false},
        {".", false},
        {"..", false},
        {".example", false},
        {"a..example", false},
        {" localhost", false},
        {"localhost\n", false},
        {"localhost:443", false},
        {"a/b", false},
        {"*.example", false},
        {"::1", false},
        {"[::1]", false},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows)
            for (const std::size_t piece : {unlimited, std::size_t{1}}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(row.name);
                const std::string contents = one_name(row.name);
                Asked asked{.answer = 0, .names = {}};
                Settings with_handler = server_settings().versions(version);
                with_handler.config.server_name_callback = asked.callback();
                for (const Settings& server : {with_handler, server_of_names(version)}) {
                    const Answer answer = answer_of(backend, version, server, contents, piece);
                    CHECK(answer.error == (row.good ? Err::none : Err::unknown_server_name));
                    CHECK(answer.alert ==
                          (row.good ? -1 : static_cast<int>(Alert::unrecognized_name)));
                }
                const bool to_be_asked = row.good && row.name != "localhost";
                CHECK(asked.names == (to_be_asked ? std::vector<std::string>{row.name}
                                                  : std::vector<std::string>{}));
                // A server with one certificate does not look at the name.
                const bool looks =
                    (row.name.size() > 255 || row.name.find('\0') != row.name.npos) &&
                    differs(backend, Difference::server_names_are_checked);
                CHECK(answer_of(backend, version, server_settings().versions(version), contents,
                                piece)
                          .error == (looks ? Err::unknown_server_name : Err::none));
            }
}

EACH_BACKEND("a server_name extension without exactly one host name cannot be decoded") {
    if (!backend.can().server_names) return;
    using namespace raw;
    const std::string name = u8(0) + sized16("localhost");
    const std::string rows[] = {
        "",
        "\0"s,
        sized16(""),
        one_name(""),
        one_name("localhost", 1),
        sized16(name + name),
        sized16(name + u8(1) + sized16("x")),
        sized16(name) + "x",
        sized16(name + "x"),
        u16(static_cast<unsigned>(name.size() + 1)) + name,
        u16(static_cast<unsigned>(name.size() - 1)) + name,
        sized16(u8(0) + u16(10) + "localhost"),
        sized16(u8(0) + u16(8) + "localhost"),
        sized16(u8(0) + u16(0xffff) + "localhost"),
    };
    for (const Version version : versions_of(backend))
        for (const std::string& contents : rows)
            for (const std::size_t piece : {unlimited, std::size_t{1}}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(contents);
                Asked asked{.answer = 0, .names = {}};
                for (const Settings& server :
                     {server_of_names(version, &asked), server_settings().versions(version)}) {
                    const Answer answer = answer_of(backend, version, server, contents, piece);
                    CHECK(answer.error == Err::bad_message);
                    CHECK(answer.alert == static_cast<int>(Alert::decode_error));
                }
                CHECK(asked.names.empty());
            }
}
