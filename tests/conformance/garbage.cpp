// Input that is not what it should be: the error on the side that gets it, and the alert that it
// sends.
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include "ussl/backend/handshake_message.hpp"

using namespace ussl;
using namespace ussl::test;
using namespace std::literals;

namespace {

// The last alert in plain text that a session has for its peer; -1 if there is none.
int plain_alert(Session& session) {
    std::string sent;
    for (Bytes waiting = session.output(); !waiting.empty(); waiting = session.output()) {
        sent.append(waiting.begin(), waiting.end());
        session.output_consume(waiting.size());
    }
    int found = -1;
    for (const raw::Record& record : raw::records_of(sent))
        if (record.type == 21 && record.body.size() == 2)
            found = static_cast<unsigned char>(record.body[1]);
    return found;
}

struct Row {
    const char* what;
    Role role; // of the side that gets it
    std::string bytes;
    Err error;
    Alert alert;
    Alert or_alert = Alert::close_notify; // if RFCs and libraries differ
};

// Puts `bytes` into a new session.
void check(const BackendUnderTest& backend, Version version, const Row& row, std::size_t piece) {
    CAPTURE(std::string(name_of(version)));
    CAPTURE(std::string(row.what));
    CAPTURE(piece);
    Settings settings = row.role == Role::client ? client_settings() : server_settings();
    Endpoint endpoint(backend, settings.versions(version));
    REQUIRE(endpoint.open().code == Err::none);
    Pipe out, in;
    Side side(backend, out, in);
    REQUIRE(side.session->open(*endpoint.context, settings.identity).code == Err::none);
    in.max_read = piece;
    Session& session = *side.session;
    CHECK(session.handshake() == Status::want_read);
    session.output_consume(session.output().size()); // the ClientHello
    in.inject(as_bytes(row.bytes));
    Status status = Status::want_read;
    while (status == Status::want_read && !in.empty()) {
        const TransportResult got = in.read(session.input_space());
        if (got.kind != TransportResult::Kind::moved) break;
        session.input_commit(got.bytes);
        status = session.handshake();
    }
    CAPTURE(text_of(session.error()));
    CHECK(status == Status::failed);
    CHECK(session.error().code == row.error);
    const int alert = row.error == Err::peer_alert ? session.error().alert : plain_alert(session);
    if (alert != static_cast<int>(row.or_alert)) CHECK(alert == static_cast<int>(row.alert));
    CHECK_FALSE(session.is_established());
    CHECK(session.input_space().empty());
}

void check_rows(const BackendUnderTest& backend, std::initializer_list<Row> rows) {
    for (const Version version : versions_of(backend))
        for (const Row& row : rows)
            for (const std::size_t piece : {unlimited, std::size_t{1}})
                check(backend, version, row, piece);
}

constexpr auto ecdhe_ecdsa = "\xc0\x2b"sv;
constexpr Role client = Role::client, server = Role::server;

} // namespace

EACH_BACKEND("a peer that does not speak TLS") {
    for (const Version version : versions_of(backend)) {
        const Row rows[] = {
            {"HTTP request", server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", Err::not_tls, {}},
            {"HTTP reply", client, "HTTP/1.1 400 Bad Request\r\n\r\n", Err::not_tls, {}},
            {"SMTP greeting", client, "220 mail.example ESMTP\r\n", Err::not_tls, {}},
            {"SSH greeting", client, "SSH-2.0-OpenSSH_9.2\r\n", Err::not_tls, {}},
            {"SSLv2 ClientHello",
             server,
             "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10"s,
             Err::not_tls,
             {}},
            {"zeros", server, std::string(64, '\0'), Err::not_tls, {}},
            {"application data", server, raw::record(23, "hello"), Err::not_tls, {}},
        };
        for (const Row& row : rows)
            for (const std::size_t piece : {unlimited, std::size_t{1}}) {
                CAPTURE(std::string(row.what));
                CAPTURE(piece);
                Settings settings =
                    row.role == Role::client ? client_settings() : server_settings();
                Endpoint endpoint(backend, settings.versions(version));
                REQUIRE(endpoint.open().code == Err::none);
                Pipe out, in;
                Side side(backend, out, in);
                REQUIRE(side.session->open(*endpoint.context, settings.identity).code == Err::none);
                in.max_read = piece;
                in.inject(as_bytes(row.bytes));
                CHECK(side.pump.handshake().status == Status::failed);
                CHECK(side.err() == Err::not_tls);
            }
    }
}

EACH_BACKEND("messages out of order, and messages that cannot be decoded") {
    using namespace raw;
    const std::string hello = raw::client_hello(0x0303, std::string(ecdhe_ecdsa));
    check_rows(
        backend,
        {
            {"empty ClientHello", server, handshake(1, ""), Err::bad_message, Alert::decode_error},
            {"ClientHello cut within", server, handshake(1, u16(0x0303) + std::string(20, 'r')),
             Err::bad_message, Alert::decode_error},
            {"extensions that overrun", server,
             handshake(1, u16(0x0303) + std::string(32, 'r') + u8(0) +
                              sized16(std::string(ecdhe_ecdsa)) + u8(1) + u8(0) + u16(500) +
                              u16(0)),
             Err::bad_message, Alert::decode_error},
            {"Finished first", server, handshake(20, std::string(12, 'f')), Err::unexpected_message,
             Alert::unexpected_message},
            {"ServerHello to a server", server, server_hello(0x0303, 0xc02b),
             Err::unexpected_message, Alert::unexpected_message},
            {"unknown handshake message", server, handshake(99, "x"), Err::unexpected_message,
             Alert::unexpected_message},
            {"empty ServerHello", client, handshake(2, ""), Err::bad_message, Alert::decode_error},
            {"ClientHello to a client", client, hello, Err::unexpected_message,
             Alert::unexpected_message},
            {"Certificate first", client, handshake(11, u24(0)), Err::unexpected_message,
             Alert::unexpected_message},
            {"unknown handshake message", client, handshake(99, "x"), Err::unexpected_message,
             Alert::unexpected_message},
        });
    // With TLS 1.3 alone, a peer without it is noticed before these are.
    if (!backend.can().tls1_2) return;
    for (const Row& row : std::initializer_list<Row>{
             {"suites of odd length", server, raw::client_hello(0x0303, "\xc0\x2b\x00"s),
              Err::bad_message, Alert::decode_error},
             // RFC 5246, 7.4.1.4
             {"an extension twice", server,
              raw::client_hello(0x0303, std::string(ecdhe_ecdsa),
                                usual_extensions() + extension(10, sized16(u16(23)))),
              Err::bad_message, Alert::decode_error, Alert::illegal_parameter},
             {"a suite that was not offered", client, server_hello(0x0303, 0x0005),
              Err::bad_message, Alert::illegal_parameter, Alert::decode_error},
         })
        for (const std::size_t piece : {unlimited, std::size_t{1}})
            check(backend, Version::tls1_2, row, piece);
}

EACH_BACKEND("nothing in common") {
    using namespace raw;
    check_rows(backend,
               {
                   {"client with TLS 1.0 only", server,
                    raw::client_hello(0x0301, std::string(ecdhe_ecdsa)), Err::protocol_version,
                    Alert::protocol_version},
                   {"server that chooses TLS 1.0", client, server_hello(0x0301, 0xc009),
                    Err::protocol_version, Alert::protocol_version},
                   {"server that chooses an unknown version", client, server_hello(0x3403, 0xc02b),
                    Err::protocol_version, Alert::protocol_version},
                   {"server that chooses a later version", client, server_hello(0x0305, 0xc02b),
                    Err::protocol_version, Alert::protocol_version},
                   {"server that chooses all ones", client, server_hello(0xffff, 0xc02b),
                    Err::protocol_version, Alert::protocol_version},
               });
    if (!backend.can().tls1_2) return;
    for (const Row& row : std::initializer_list<Row>{
             {"no suite", server, raw::client_hello(0x0303, "\x00\x05\x00\x04"s),
              Err::handshake_failure, Alert::handshake_failure},
             {"a suite for another kind of key only", server,
              raw::client_hello(0x0303, "\xc0\x2f"s), Err::handshake_failure,
              Alert::handshake_failure},
             {"no group", server,
              raw::client_hello(0x0303, std::string(ecdhe_ecdsa),
                                extension(10, sized16(u16(1))) + extension(11, u8(1) + u8(0)) +
                                    extension(13, sized16(u16(0x0403)))),
              Err::handshake_failure, Alert::handshake_failure},
         }) {
        if (std::string_view(row.what) == "no group" &&
            differs(backend, Difference::unknown_groups_pass))
            continue;
        check(backend, Version::tls1_2, row, unlimited);
    }
}

EACH_BACKEND("versions that exclude each other") {
    if (!backend.can().tls1_3) return;
    for (const Version of_client : versions_of(backend)) {
        const Version of_server = of_client == Version::tls1_2 ? Version::tls1_3 : Version::tls1_2;
        CAPTURE(std::string(name_of(of_client)));
        const Refusal result = connect(backend, client_settings().versions(of_client), backend,
                                       server_settings().versions(of_server));
        // A server that supports only TLS 1.2 cannot know that the client does not. So the client
        // refuses (RFC 8446, 4.2.1).
        const bool by_server = result.server == Err::protocol_version;
        CHECK((by_server ? result.server : result.client) == Err::protocol_version);
        CHECK((by_server ? result.client : result.server) == Err::peer_alert);
        CHECK((by_server ? result.client_heard : result.server_heard) ==
              static_cast<int>(Alert::protocol_version));
    }
}

EACH_BACKEND("records larger than the protocol allows") {
    using namespace raw;
    const std::string header = u8(22) + u16(0x0303) + u16(0xffff);
    check_rows(backend, {
                            {"to a server", server, header + std::string(100, 'x'),
                             Err::record_too_large, Alert::record_overflow},
                            {"to a client", client, header + std::string(100, 'x'),
                             Err::record_too_large, Alert::record_overflow},
                        });
    for (const Version version : versions_of(backend))
        for (const Role role : {client, server}) {
            CAPTURE(std::string(name_of(version)));
            Established link(backend, version);
            link.side(role).read_all();
            link.towards(role).inject(
                as_bytes(u8(23) + u16(0x0303) + u16(0xffff) + std::string(100, 'x')));
            CHECK(link.side(role).read_all() == Status::failed);
            CHECK(link.side(role).err() == Err::record_too_large);
            CHECK(link.side(other(role)).read_all() == Status::failed);
            CHECK(link.side(other(role)).session->error().alert ==
                  static_cast<int>(Alert::record_overflow));
        }
}

namespace {

// The output of a side in TLS 1.2, with a Certificate message of `size` bytes, including its
// header: after the certificates there is one more, which is unreadable.
std::string with_longer_chain(const std::string& flight, std::size_t size) {
    using namespace raw;
    std::string out;
    bool plain = true;
    for (const Record& one : records_of(flight)) {
        plain = plain && one.type == 22;
        if (!plain) {
            out += record(one.type, std::string(one.body));
            continue;
        }
        for (WireReader messages(as_bytes(one.body)); !messages.at_end();) {
            const unsigned type = messages.number(1);
            const Bytes contents = messages.vector(3);
            const std::string body(contents.begin(), contents.end());
            std::string whole = u8(type) + u24(static_cast<unsigned>(body.size())) + body;
            if (type == handshake_type::certificate) {
                const auto length = static_cast<unsigned>(size) - 4;
                const auto filler = static_cast<unsigned>(size - whole.size() - 3);
                whole = u8(type) + u24(length) + u24(length - 3) + body.substr(3) + u24(filler) +
                        std::string(filler, 'x');
            }
            for (std::size_t at = 0; at < whole.size(); at += 16384)
                out += record(22, whole.substr(at, 16384));
        }
    }
    return out;
}

} // namespace

EACH_BACKEND("a Certificate message beyond the limit is message_too_large") {
    if (!backend.can().tls1_2) return;
    for (const Role role : {client, server})
        for (const std::size_t size :
             {std::size_t{20000}, max_message - 1000, max_message + 1, std::size_t{200000}}) {
            if (role == server && !backend.can().client_certificates) continue;
            CAPTURE(is_server(role));
            CAPTURE(size);
            Endpoint one(backend, client_with("client").versions(Version::tls1_2));
            Endpoint other(backend, asking_server().versions(Version::tls1_2));
            REQUIRE(one.open().code == Err::none);
            REQUIRE(other.open().code == Err::none);
            Connection link(one, other);
            Side& judge = is_server(role) ? link.server : link.client;
            Side& peer = is_server(role) ? link.client : link.server;
            Pipe& towards = is_server(role) ? link.to_server : link.to_client;
            Status status = Status::want_read;
            for (int steps = 0; steps < 4 && status == Status::want_read; ++steps) {
                peer.pump.handshake();
                const std::string edited = with_longer_chain(towards.take(), size);
                towards.inject(as_bytes(edited));
                status = judge.pump.handshake().status;
            }
            CHECK(status == Status::failed);
            CHECK(judge.err() ==
                  (size <= max_message ? Err::bad_peer_certificate : Err::message_too_large));
            peer.pump.handshake();
            CHECK(peer.session->error().alert == static_cast<int>(size <= max_message
                                                                      ? Alert::bad_certificate
                                                                      : Alert::illegal_parameter));
        }
}

EACH_BACKEND("the peer's alerts are reported by number") {
    for (const Role role : {client, server})
        for (const Alert alert :
             {Alert::handshake_failure, Alert::unknown_ca, Alert::internal_error,
              Alert::protocol_version, Alert::no_application_protocol, Alert::unrecognized_name}) {
            const Row row{"alert", role, raw::alert(2, static_cast<unsigned>(alert)),
                          Err::peer_alert, alert};
            for (const Version version : versions_of(backend))
                check(backend, version, row, unlimited);
        }
}

EACH_BACKEND("in TLS 1.3 an error alert is fatal, whatever its level") {
    // RFC 8446, 6.
    if (!backend.can().tls1_3 || differs(backend, Difference::alert_level_counts)) return;
    for (const Role role : {client, server})
        for (const Alert alert : {Alert::handshake_failure, Alert::unrecognized_name}) {
            const Row row{"alert", role, raw::alert(1, static_cast<unsigned>(alert)),
                          Err::peer_alert, alert};
            for (const std::size_t piece : {unlimited, std::size_t{1}})
                check(backend, Version::tls1_3, row, piece);
        }
}

EACH_BACKEND("a warning before the version is negotiated is ignored") {
    // Servers of TLS 1.2 that do not know the name send such a warning (RFC 6066, 3), and go on.
    if (!backend.can().tls1_2) return;
    for (const Alert alert : {Alert::unrecognized_name, Alert::handshake_failure})
        for (const std::size_t piece : {unlimited, std::size_t{1}}) {
            CAPTURE(static_cast<int>(alert));
            CAPTURE(piece);
            OpenEnds ends(backend, client_settings(), server_settings().versions(Version::tls1_2));
            Connection connection(ends.client, ends.server);
            connection.to_client.max_read = piece;
            connection.client.pump.handshake(); // the ClientHello
            connection.to_client.inject(as_bytes(raw::alert(1, static_cast<unsigned>(alert))));
            CHECK(connection.client.pump.handshake().status == Status::want_read);
            CHECK(connection.establish());
            CHECK(connection.client.session->version() == Version::tls1_2);
        }
}

EACH_BACKEND("close_notify before the version is negotiated ends the connection") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Endpoint client_end(backend, client_settings().versions(version));
        REQUIRE(client_end.open().code == Err::none);
        Pipe out, in;
        Side side(backend, out, in);
        REQUIRE(side.session->open(*client_end.context, client_end.settings.identity).code ==
                Err::none);
        CHECK(side.pump.handshake().status == Status::want_read);
        in.inject(as_bytes(raw::alert(1, static_cast<unsigned>(Alert::close_notify))));
        CHECK(side.pump.handshake().status == Status::truncated);
    }
}

EACH_BACKEND("an alert in plain text counts during the handshake") {
    // A client that refuses the server's certificate may have no keys for its alert yet.
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        if (differs(backend, Difference::plain_alert_is_unexpected, version)) continue;
        OpenEnds ends(backend, client_settings().versions(version),
                      server_settings().versions(version));
        Connection connection(ends.client, ends.server);
        connection.client.pump.handshake(); // the ClientHello
        CHECK(connection.server.pump.handshake().status == Status::want_read);
        connection.to_server.inject(as_bytes(raw::alert(2, 48)));
        CHECK(connection.server.pump.handshake().status == Status::failed);
        CHECK(connection.server.err() == Err::peer_alert);
        CHECK(connection.server.session->error().alert == static_cast<int>(Alert::unknown_ca));
    }
}

EACH_BACKEND("close_notify within the handshake is a truncation") {
    for (const Version version : versions_of(backend))
        for (const Role role : {client, server}) {
            CAPTURE(std::string(name_of(version)));
            Settings settings = role == client ? client_settings() : server_settings();
            Endpoint endpoint(backend, settings.versions(version));
            REQUIRE(endpoint.open().code == Err::none);
            Pipe out, in;
            Side side(backend, out, in);
            REQUIRE(side.session->open(*endpoint.context, settings.identity).code == Err::none);
            in.inject(as_bytes(raw::alert(1, 0)));
            CHECK(side.pump.handshake().status == Status::truncated);
            CHECK(side.err() == Err::truncated);
        }
}

EACH_BACKEND("plain text after the handshake is refused") {
    // An attacker on the path can inject these; none may be believed.
    for (const Version version : versions_of(backend))
        for (const std::string& bytes :
             {raw::alert(1, 0), raw::alert(2, 40), raw::record(23, "GET / HTTP/1.1\r\n\r\n"),
              raw::handshake(0, "")}) {
            CAPTURE(std::string(name_of(version)));
            Established link(backend, version);
            link.client().read_all();
            link.towards(client).inject(as_bytes(bytes));
            CHECK(link.client().read_all() == Status::failed);
            CHECK(link.client().received.empty());
            CHECK(link.client().err() != Err::peer_alert);
            CHECK(link.client().err() != Err::internal);
        }
}
