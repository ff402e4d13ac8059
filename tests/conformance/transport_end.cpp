// A transport that ends at any byte: never mistaken for an orderly end.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::string_view question = "what is the answer to everything?";
constexpr std::string_view answer = "forty-two";

// A handshake, data both ways, and an orderly end from `sender`, as far as the wire lets them.
// Returns the other side's result.
Status exchange(Connection& connection, Side& sender, Side& reader) {
    const Connection::Outcome both = connection.handshake();
    const Status reader_status = &reader == &connection.client ? both.client : both.server;
    if (both.client == Status::ok) connection.client.write(question);
    if (both.server == Status::ok) {
        connection.server.read_all();
        connection.server.write(answer);
    }
    if (both.client == Status::ok) connection.client.read_all();
    if (sender.session->is_established()) sender.pump.close();
    return reader.session->is_established() ? reader.read_all() : reader_status;
}

void cut_everywhere(const BackendUnderTest& backend, Version version, bool towards_client) {
    CAPTURE(std::string(name_of(version)));
    OpenEnds ends(backend, client_settings().versions(version),
                  server_settings().versions(version));
    // Signatures differ in length from run to run. The last position is the first one that cuts
    // nothing.
    for (std::size_t cut = 0;; ++cut) {
        REQUIRE(cut < 20000);
        Connection connection(ends.client, ends.server);
        Pipe& pipe = towards_client ? connection.to_client : connection.to_server;
        Side& sender = towards_client ? connection.server : connection.client;
        Side& reader = towards_client ? connection.client : connection.server;
        const std::string_view whole = towards_client ? answer : question;
        pipe.cut_at = cut;
        const Status status = exchange(connection, sender, reader);
        const bool was_cut = pipe.sent > cut || status != Status::closed;
        CAPTURE(cut);
        if (!was_cut) {
            CHECK(reader.received == whole);
            return;
        }
        if (status != Status::truncated || reader.err() != Err::truncated ||
            !whole.starts_with(reader.received)) {
            CHECK(status == Status::truncated);
            CHECK(reader.err() == Err::truncated);
            CHECK(whole.starts_with(reader.received));
            return; // one position is enough
        }
        // An end is final.
        std::uint8_t byte[1];
        CHECK(reader.session->read(byte).status == Status::truncated);
        CHECK(reader.session->write(as_bytes("x")).status == Status::truncated);
        CHECK(reader.session->close() == Status::ok);
    }
}

} // namespace

EACH_BACKEND("cut at every byte from the server") {
    for (const Version version : versions_of(backend))
        cut_everywhere(backend, version, true);
}

EACH_BACKEND("cut at every byte from the client") {
    for (const Version version : versions_of(backend))
        cut_everywhere(backend, version, false);
}

EACH_BACKEND("received data is read before the end of the transport is reported") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        for (const bool orderly : {true, false}) {
            OpenEnds ends(backend, client_settings().versions(version),
                          server_settings().versions(version));
            Connection connection(ends.client, ends.server);
            REQUIRE(connection.establish());
            connection.server.write("first");
            connection.server.write("second");
            if (orderly) CHECK(connection.server.pump.close().status == Status::ok);
            connection.to_client.closed = true;
            CHECK(connection.client.read_all() == (orderly ? Status::closed : Status::truncated));
            CHECK(connection.client.received == "firstsecond");
            CHECK(connection.client.err() == (orderly ? Err::none : Err::truncated));
        }
    }
}
