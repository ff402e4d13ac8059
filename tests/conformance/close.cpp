// The end of a connection, in every order.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr Role both_roles[] = {Role::client, Role::server};

template<class Body>
void for_each_side(const BackendUnderTest& backend, Body body) {
    for (const Version version : versions_of(backend))
        for (const Role role : both_roles) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(role == Role::client ? "client" : "server"));
            Established link(backend, version);
            body(link, link.side(role), link.side(other(role)), role);
        }
}

} // namespace

EACH_BACKEND("one side closes; the other reads all data, then the end, and closes") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        first.write("last words");
        CHECK(first.pump.close().status == Status::ok);
        const std::size_t before = link.towards(role).sent;
        CHECK(second.read_all() == Status::closed);
        CHECK(second.received == "last words");
        CHECK(second.err() == Err::none);
        // Each further call reports the end again.
        std::uint8_t byte[1];
        CHECK(second.session->read(byte).status == Status::closed);
        CHECK(second.session->handshake() == Status::ok);
        CHECK(second.session->is_established());
        // It answers with its own close_notify when its program calls close().
        CHECK(second.session->output().empty());
        CHECK(link.towards(role).sent == before);
        CHECK(second.pump.close().status == Status::ok);
        CHECK(link.towards(role).sent > before);
        CHECK(second.pump.close().status == Status::ok);
        CHECK(first.session->is_established());
    });
}

EACH_BACKEND("a side with unread data can close") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        second.write("never read");
        for (MutableBytes space; !(space = first.session->input_space()).empty();) {
            const TransportResult got = first.wire.read(space);
            if (got.kind != TransportResult::Kind::moved) break;
            first.session->input_commit(got.bytes);
        }
        const std::size_t before = link.towards(other(role)).sent;
        CHECK(first.pump.close().status == Status::ok);
        CHECK(link.towards(other(role)).sent > before);
        CHECK(second.read_all() == Status::closed);
    });
}

// RFC 8446, 6.1 against RFC 5246, 7.2.1.
EACH_BACKEND("in TLS 1.3 the other direction stays open after the peer's close_notify") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        const bool half_closes = second.session->version() == Version::tls1_3;
        const std::string answer(40000, 'a');
        REQUIRE(first.pump.close().status == Status::ok);
        CHECK(second.read_all() == Status::closed);
        Pipe& back = link.towards(role);
        back.max_write = 1000; // output is sometimes full
        const std::size_t before = back.sent;
        const PumpResult result = second.pump.write(as_bytes(answer));
        CHECK(result.status == (half_closes ? Status::ok : Status::closed));
        CHECK(result.bytes == (half_closes ? answer.size() : 0));
        CHECK(second.pump.flush().status == Status::ok);
        CHECK((back.sent - before > answer.size()) == half_closes);
        CHECK(second.read_all() == Status::closed);
        CHECK(second.pump.close().status == Status::ok);
        CHECK(second.session->write(as_bytes("x")).status == Status::failed);
        CHECK(second.err() == Err::invalid_state);
    });
}

EACH_BACKEND("an unread close_notify does not prevent an answer") {
    for_each_side(backend, [](Established&, Side& first, Side& second, Role) {
        second.write("go on");
        REQUIRE(first.read_all() == Status::want_read);
        // A request and close_notify at once.
        first.write("request");
        CHECK(first.pump.close().status == Status::ok);
        std::uint8_t request[7];
        CHECK(second.pump.read(request).bytes == sizeof request);
        for (int i = 0; i < 3; ++i)
            CHECK(second.write("answer") == 6);
        CHECK(second.read_all() == Status::closed);
        CHECK(second.err() == Err::none);
        CHECK(second.pump.close().status == Status::ok);
    });
}

EACH_BACKEND("both sides close at once") {
    for_each_side(backend, [](Established&, Side& first, Side& second, Role) {
        CHECK(first.session->close() == Status::ok);
        CHECK(second.session->close() == Status::ok);
        CHECK(first.pump.flush().status == Status::ok);
        CHECK(second.pump.flush().status == Status::ok);
        CHECK(first.session->close() == Status::ok);
        CHECK(second.session->close() == Status::ok);
        CHECK(first.err() == Err::none);
        CHECK(second.err() == Err::none);
    });
}

EACH_BACKEND("after close, reading and writing are invalid_state and send nothing") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        second.write("never read");
        CHECK(first.pump.close().status == Status::ok);
        const std::size_t before = link.towards(other(role)).sent;
        std::uint8_t byte[1];
        CHECK(first.session->read(byte).status == Status::failed);
        CHECK(first.err() == Err::invalid_state);
        CHECK(first.session->write(as_bytes("x")).status == Status::failed);
        CHECK(first.err() == Err::invalid_state);
        CHECK(first.session->handshake() == Status::failed);
        CHECK(first.err() == Err::invalid_state);
        CHECK(first.session->readable() == 0);
        CHECK(first.session->close() == Status::ok);
        CHECK(first.err() == Err::none);
        first.pump.flush();
        CHECK(link.towards(other(role)).sent == before);
        CHECK(second.read_all() == Status::closed);
    });
}

EACH_BACKEND("close_notify waits while output is full, and is sent once") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        // Fills the session's output.
        const std::string block(40000, 'x');
        std::size_t taken = 0;
        for (;;) {
            const IoResult result = first.session->write(as_bytes(block));
            if (result.status != Status::ok) break;
            taken += result.bytes;
            REQUIRE(taken < 100'000'000);
        }
        Pipe& pipe = link.towards(other(role));
        pipe.capacity = 1000;
        for (int i = 0; i < 100000; ++i) {
            const PumpResult result = first.pump.close();
            if (result.status == Status::ok) break;
            REQUIRE(result.status == Status::want_write);
            CHECK(second.read_all() == Status::want_read);
        }
        CHECK(second.read_all() == Status::closed);
        CHECK(second.received.size() == taken);
        const std::size_t sent = pipe.sent;
        CHECK(first.pump.close().status == Status::ok);
        CHECK(pipe.sent == sent);
    });
}

EACH_BACKEND("closing within the handshake sends nothing, and the peer reports truncation") {
    for (const Version version : versions_of(backend))
        for (const Role role : both_roles) {
            CAPTURE(std::string(name_of(version)));
            OpenEnds ends(backend, client_settings().versions(version),
                          server_settings().versions(version));
            Connection connection(ends.client, ends.server);
            Side& first = role == Role::client ? connection.client : connection.server;
            Side& second = role == Role::client ? connection.server : connection.client;
            CHECK(connection.client.pump.handshake().status == Status::want_read);
            const std::size_t sent = first.wire.out().sent;
            CHECK(first.pump.close().status == Status::ok);
            CHECK(first.wire.out().sent == sent);
            CHECK(first.session->handshake() == Status::failed);
            CHECK(first.err() == Err::invalid_state);
            CHECK_FALSE(first.session->is_established());
            first.wire.out().closed = true;
            // A server (`ends.server`) answers the ClientHello, and then finds nobody.
            CHECK(second.pump.handshake().status == Status::truncated);
            CHECK(second.err() == Err::truncated);
            CHECK(second.session->close() == Status::ok);
        }
}

EACH_BACKEND("after a truncation close() sends nothing") {
    for_each_side(backend, [](Established& link, Side& first, Side& second, Role role) {
        first.wire.out().closed = true;
        CHECK(second.read_all() == Status::truncated);
        const std::size_t sent = link.towards(role).sent;
        CHECK(second.pump.close().status == Status::ok);
        CHECK(link.towards(role).sent == sent);
    });
}

EACH_BACKEND("a session may be released at any time") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        link.client().write("under way");
        link.client().session->release();
        link.server().read_all();
        CHECK(link.server().received == "under way");
        link.server().pump.close();
        link.server().session->release();
        link.server().session->release();
        CHECK(link.server().session->output().empty());
    }
}
