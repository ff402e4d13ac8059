// The maximum fragment length that a client requests (RFC 6066, 4), and records that are too large.
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include "ussl/features.hpp"

#include <algorithm>
#include <string>
#include <string_view>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::uint16_t lengths[] = {512, 1024, 2048, 4096};

// How much longer than its plain bytes a record may be: nonce, tag, type and padding.
constexpr std::size_t most_overhead = 64;

// Of the bytes in transit.
std::size_t longest_record(Pipe& pipe) {
    const std::string bytes = pipe.take();
    std::size_t longest = 0;
    for (const raw::Record& record : raw::records_of(bytes))
        longest = std::max(longest, record.body.size());
    pipe.inject(as_bytes(bytes));
    return longest;
}

// Cuts each plain handshake record in transit into records of `piece` bytes (RFC 8446, 5.1).
void split_records(Pipe& pipe, std::size_t piece) {
    const std::string bytes = pipe.take();
    for (const raw::Record& record : raw::records_of(bytes)) {
        constexpr unsigned handshake = 22;
        const std::size_t step = record.type == handshake ? piece : record.body.size();
        for (std::size_t at = 0; at < record.body.size(); at += step)
            pipe.inject(as_bytes(raw::record(record.type, std::string(record.body.substr(at, step)),
                                             record.version)));
    }
}

Settings asking(std::uint16_t length, Version version) {
    Settings client = client_settings().versions(version);
    client.config.max_fragment_length = length;
    return client;
}

bool knows_it_in(const BackendUnderTest& backend, Version version) {
    if (version != Version::tls1_3 || backend.can().max_fragment_length_tls1_3) return true;
    CHECK(Endpoint(backend, asking(512, version)).open().code == Err::unsupported);
    return false;
}

// Both sides have sent their first flight. The server's contains its certificates, so it is longer
// than 512 bytes.
struct Begun {
    OpenEnds ends;
    Connection connection{ends.client, ends.server};

    Begun(const BackendUnderTest& backend, std::uint16_t length, Version version)
        : ends(backend, asking(length, version), server_settings().versions(version)) {
        connection.client.pump.handshake();
        connection.server.pump.handshake();
    }
};

// A client that requested 512 bytes in TLS 1.2, and got a ServerHello with `extensions`.
struct Answered {
    Endpoint end;
    Pipe out, in;
    Side side;
    Status status;

    Answered(const BackendUnderTest& backend, const std::string& extensions)
        : end(backend, asking(512, Version::tls1_2)), side(backend, out, in) {
        REQUIRE(end.open().code == Err::none);
        REQUIRE(side.session->open(*end.context, end.settings.identity).code == Err::none);
        side.pump.handshake();
        in.inject(as_bytes(raw::server_hello(0x0303, 0xc02b, 0, extensions)));
        status = side.pump.handshake().status;
    }
};

} // namespace

EACH_BACKEND("a requested length is granted, known at both ends, and kept") {
    if (!backend.can().max_fragment_length) return;
    const std::string text(10000, 't');
    for (const Version version : versions_of(backend))
        for (const std::uint16_t length : lengths) {
            if (length > USSL_RECORD_INPUT || !knows_it_in(backend, version)) continue;
            CAPTURE(std::string(name_of(version)));
            CAPTURE(length);
            Begun begun(backend, length, version);
            Connection& connection = begun.connection;
            CHECK(longest_record(connection.to_client) <= length + most_overhead);
            CHECK(connection.establish());
            CHECK(connection.client.session->max_fragment_length() == length);
            CHECK(connection.server.session->max_fragment_length() == length);
            connection.client.read_all();
            for (const Role from : {Role::client, Role::server}) {
                Side& sender = from == Role::client ? connection.client : connection.server;
                Side& reader = from == Role::client ? connection.server : connection.client;
                Pipe& pipe = from == Role::client ? connection.to_server : connection.to_client;
                CHECK(sender.write(text) == text.size());
                const std::size_t longest = longest_record(pipe);
                CHECK(longest <= length + most_overhead);
                CHECK(longest >= length); // and these are full
                CHECK(reader.read_all() == Status::want_read);
                CHECK(reader.received == text);
            }
        }
}

EACH_BACKEND("the granted length is known, however the ServerHello is split") {
    if (!backend.can().max_fragment_length) return;
    // Bytes of each record and of each read; 0: all that there are.
    constexpr struct {
        std::size_t record, read;
    } pieces[] = {{0, 1}, {0, 5}, {0, 60}, {7, 0}, {1, 0}, {40, 3}};
    for (const Version version : versions_of(backend)) {
        if (!knows_it_in(backend, version)) continue;
        for (const auto& piece : pieces) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(piece.record);
            CAPTURE(piece.read);
            if (piece.record == 1 && differs(backend, Difference::message_header_in_one_record))
                continue;
            Begun begun(backend, 512, version);
            Connection& connection = begun.connection;
            if (piece.record != 0) split_records(connection.to_client, piece.record);
            if (piece.read != 0) connection.to_client.max_read = piece.read;
            CHECK(connection.establish());
            CHECK(connection.client.session->max_fragment_length() == 512);
        }
    }
}

EACH_BACKEND("a client that requests a length negotiates a version that supports it") {
    if (!backend.can().max_fragment_length) return;
    OpenEnds ends(backend, asking(512, Version::none), server_settings());
    Connection connection(ends.client, ends.server);
    REQUIRE(connection.establish());
    CHECK(knows_it_in(backend, connection.client.session->version()));
    CHECK(connection.client.session->max_fragment_length() == 512);
}

EACH_BACKEND("without a request the build's lengths apply") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        CHECK(link.client().session->max_fragment_length() == USSL_RECORD_INPUT);
        CHECK(link.server().session->max_fragment_length() == USSL_RECORD_INPUT);
    }
}

EACH_BACKEND("before the handshake max_fragment_length() is the build's") {
    if (!backend.can().max_fragment_length) return;
    Endpoint client(backend, asking(512, Version::none));
    REQUIRE(client.open().code == Err::none);
    OwnedSession session(backend);
    CHECK(session->max_fragment_length() == USSL_RECORD_INPUT);
    REQUIRE(session->open(*client.context, client.settings.identity).code == Err::none);
    CHECK(session->max_fragment_length() == USSL_RECORD_INPUT);
}

EACH_BACKEND("a server that ignores the request is accepted") {
    // A ServerHello without it, and then silence: the client keeps waiting.
    if (!backend.can().max_fragment_length || !backend.can().tls1_2) return;
    Answered client(backend, {});
    CHECK(client.status == Status::want_read);
    CHECK(client.side.err() == Err::none);
}

EACH_BACKEND("a server that grants another length is refused") {
    if (!backend.can().max_fragment_length || !backend.can().tls1_2) return;
    Answered client(backend, raw::extension(1, raw::u8(2))); // 2: 1024 bytes
    CHECK(client.status == Status::failed);
    CHECK(client.side.err() == Err::bad_message);
}

EACH_BACKEND("a record too large for the buffer is record_too_large, at both ends") {
    // Larger than the protocol allows in any build: no build has room for it.
    constexpr std::size_t size = USSL_RECORD_INPUT + 2048 + 1;
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(role == Role::client);
            Established link(backend, version);
            link.client().read_all();
            link.towards(role).inject(as_bytes(raw::record(23, std::string(size, 'x'))));
            CHECK(link.side(role).read_all() == Status::failed);
            CHECK(link.side(role).err() == Err::record_too_large);
            link.side(role).pump.flush();
            CHECK(link.side(other(role)).read_all() == Status::failed);
            CHECK(link.side(other(role)).session->error().alert ==
                  static_cast<int>(Alert::record_overflow));
        }
}

EACH_BACKEND("a small buffer needs the request, as peers send larger records") {
    // Only in a build whose sessions send larger records than they accept.
    if (USSL_RECORD_OUTPUT < USSL_RECORD_INPUT + 512 || USSL_RECORD_INPUT < 2048) return;
    const std::string text(USSL_RECORD_INPUT + 400, 't');
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        CHECK(link.server().write(text) == text.size());
        const bool limits_itself = differs(backend, Difference::sends_what_it_takes);
        CHECK(link.client().read_all() == (limits_itself ? Status::want_read : Status::failed));
        CHECK(link.client().err() == (limits_itself ? Err::none : Err::record_too_large));
        if (!backend.can().max_fragment_length || !knows_it_in(backend, version)) continue;
        OpenEnds ends(backend, asking(2048, version), server_settings().versions(version));
        Connection asked(ends.client, ends.server);
        REQUIRE(asked.establish());
        asked.client.read_all();
        CHECK(asked.server.write(text) == text.size());
        CHECK(asked.client.read_all() == Status::want_read);
        CHECK(asked.client.received == text);
    }
}

EACH_BACKEND("lengths that the build lacks are unsupported, lengths that the RFC lacks invalid") {
    for (const std::uint16_t length : lengths) {
        CAPTURE(length);
        Endpoint client(backend, asking(length, Version::none));
        const bool fits = backend.can().max_fragment_length && length <= USSL_RECORD_INPUT;
        CHECK(client.open().code == (fits ? Err::none : Err::unsupported));
    }
    for (const int length : {1, 511, 513, 8192, 16384, 65535}) {
        CAPTURE(length);
        Endpoint client(backend, asking(static_cast<std::uint16_t>(length), Version::none));
        CHECK(client.open().code ==
              (backend.can().max_fragment_length ? Err::invalid_argument : Err::unsupported));
    }
}
