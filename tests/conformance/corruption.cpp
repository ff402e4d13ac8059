// Bytes that are changed on the way.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

using namespace ussl;
using namespace ussl::test;

EACH_BACKEND("a changed data record is bad_record, whichever byte changed") {
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server}) {
            // Counted from the record's header: the nonce (TLS 1.2), the text, the tag.
            for (const std::size_t at : {5u, 12u, 13u, 20u, 50u, 60u}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(at);
                Established link(backend, version);
                Side& reader = link.side(role);
                Side& writer = link.side(other(role));
                reader.read_all();
                Pipe& pipe = link.towards(role);
                pipe.corrupt_at = pipe.sent + at;
                writer.write("a text of fifty-five bytes, which is more than some few");
                REQUIRE(pipe.sent > pipe.corrupt_at);
                CHECK(reader.read_all() == Status::failed);
                CHECK(reader.received.empty());
                CHECK(reader.err() == Err::bad_record);
                CHECK(writer.read_all() == Status::failed);
                CHECK(writer.err() == Err::peer_alert);
                CHECK(writer.session->error().alert == static_cast<int>(Alert::bad_record_mac));
            }
        }
}

EACH_BACKEND("a changed record header is never accepted") {
    for (const Version version : versions_of(backend))
        for (std::size_t at = 0; at < 5; ++at)
            for (const std::uint8_t change :
                 {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{0x80}}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(at);
                Established link(backend, version);
                link.client().read_all();
                Pipe& pipe = link.towards(Role::client);
                pipe.corrupt_at = pipe.sent + at;
                pipe.corrupt_by = change;
                link.server().write("a text of fifty-five bytes, which is more than some few");
                // With a greater length the session waits for more; then the end of the transport
                // is a cut.
                pipe.closed = true;
                const Status status = link.client().read_all();
                CHECK((status == Status::failed || status == Status::truncated));
                CHECK(link.client().received.empty());
                CHECK(link.client().err() != Err::internal);
                CHECK(link.client().err() != Err::peer_alert);
            }
}

EACH_BACKEND("repeated and missing records are refused") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        for (const bool repeat : {true, false}) {
            Established link(backend, version);
            link.client().read_all();
            const IoResult one = link.server().session->write(as_bytes("one"));
            REQUIRE(one.status == Status::ok);
            const Bytes waiting = link.server().session->output();
            const std::string record(waiting.begin(), waiting.end());
            link.server().session->output_consume(waiting.size());
            if (repeat) {
                link.towards(Role::client).inject(as_bytes(record));
                link.towards(Role::client).inject(as_bytes(record));
            } else {
                link.server().write("two");
            }
            CHECK(link.client().read_all() == Status::failed);
            CHECK(link.client().err() == Err::bad_record);
            CHECK(link.client().received == (repeat ? "one" : ""));
        }
    }
}

// A byte of the handshake is changed, at any position: the handshake does not complete on both
// sides. Only the version in the header of a plain record does not count (RFC 8446, 5.1).
EACH_BACKEND("a handshake with any byte changed is not completed") {
    for (const Version version : versions_of(backend))
        for (const bool towards_client : {true, false}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(towards_client);
            OpenEnds ends(backend, client_settings().versions(version),
                          server_settings().versions(version));
            unsigned passed = 0;
            std::string wrong; // positions that lead to an error that nobody can cause
            for (std::size_t at = 0;; ++at) {
                REQUIRE(at < 20000);
                CAPTURE(at);
                Connection connection(ends.client, ends.server);
                Pipe& pipe = towards_client ? connection.to_client : connection.to_server;
                pipe.corrupt_at = at;
                pipe.corrupt_by = static_cast<std::uint8_t>(1u << at % 8);
                connection.handshake();
                if (pipe.sent <= at) break; // beyond the end
                connection.to_client.closed = connection.to_server.closed = true;
                connection.handshake();
                // The side that got the byte notices it at the latest when it reads.
                Side& reader = towards_client ? connection.client : connection.server;
                Side& writer = towards_client ? connection.server : connection.client;
                if (reader.session->is_established()) reader.read_all();
                if (reader.session->is_established() && writer.session->is_established() &&
                    reader.err() == Err::truncated)
                    ++passed;
                for (const Side* side : {&reader, &writer})
                    if (side->err() == Err::internal || side->err() == Err::invalid_state)
                        wrong += " " + std::to_string(at) + ": " + text_of(side->session->error());
            }
            CHECK(wrong == "");
            // Two bytes of version in each plain record; in TLS 1.3 the whole ones for
            // compatibility (RFC 8446, D.4) as well.
            CHECK(passed <= 16);
        }
}

// The server's messages of TLS 1.2, each with the type of another one (RFC 5246, 7.4), including
// tickets that nobody asked for.
EACH_BACKEND("a message with another message's type is refused, never an internal error") {
    OpenEnds ends(backend, client_settings().versions(Version::tls1_2),
                  server_settings().versions(Version::tls1_2));
    constexpr std::uint8_t types[] = {0, 1, 2, 4, 11, 12, 13, 14, 15, 16, 20, 22, 67};
    for (const std::uint8_t type : types)
        for (unsigned which = 0;; ++which) {
            CAPTURE(unsigned{type});
            CAPTURE(which);
            Connection connection(ends.client, ends.server);
            connection.client.pump.handshake();
            connection.server.pump.handshake();
            std::string bytes = connection.to_client.take();
            unsigned seen = 0;
            bool changed = false;
            for (const raw::Record& record : raw::records_of(bytes)) {
                constexpr unsigned handshake = 22;
                if (record.type != handshake) continue;
                const auto begin = static_cast<std::size_t>(record.body.data() - bytes.data());
                const auto byte = [&](std::size_t i) -> std::size_t {
                    return static_cast<unsigned char>(bytes[i]);
                };
                for (std::size_t at = begin; at < begin + record.body.size();
                     at += 4 + number16(as_bytes(bytes).data() + at + 2))
                    if (seen++ == which && byte(at) != type) {
                        bytes[at] = static_cast<char>(type);
                        changed = true;
                    }
            }
            if (which >= seen) {
                CHECK(seen >= 4);
                break;
            }
            if (!changed) continue;
            connection.to_client.inject(as_bytes(bytes));
            connection.handshake();
            connection.to_client.closed = true;
            connection.handshake();
            CHECK_FALSE(connection.client.session->is_established());
            CHECK(connection.client.err() != Err::none);
            CHECK(connection.client.err() != Err::internal);
            CHECK(connection.client.err() != Err::invalid_state);
        }
}
