// Calls that the state does not allow return invalid_state and change nothing.
#include "support/each_backend.hpp"
#include "support/established.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

void check_idle(Session& session) {
    std::uint8_t byte[1];
    CHECK(session.input_space().empty());
    CHECK(session.output().empty());
    session.input_commit(0);
    session.output_consume(0);
    session.input_end();
    CHECK(session.readable() == 0);
    CHECK_FALSE(session.is_established());
    CHECK(session.version() == Version::none);
    CHECK(session.suite() == 0);
    CHECK(session.alpn().empty());
    CHECK(session.peer_certificate().empty());
    CHECK(session.handshake() == Status::failed);
    CHECK(session.error().code == Err::invalid_state);
    CHECK(session.read(byte).status == Status::failed);
    CHECK(session.error().code == Err::invalid_state);
    CHECK(session.write(as_bytes("x")).status == Status::failed);
    CHECK(session.error().code == Err::invalid_state);
    CHECK(session.close() == Status::failed);
    CHECK(session.error().code == Err::invalid_state);
    session.release();
    CHECK(session.error().code != Err::internal);
}

} // namespace

EACH_BACKEND("an idle session has no data, and allows only open() and release()") {
    OwnedSession session(backend);
    CHECK(session->error().code == Err::none);
    check_idle(*session);

    Endpoint server(backend, server_settings());
    REQUIRE(server.open().code == Err::none);
    REQUIRE(session->open(*server.context, {}).code == Err::none);
    CHECK(session->handshake() == Status::want_read);
    CHECK(session->error().code == Err::none);
    session->release();
    check_idle(*session);
}

EACH_BACKEND("a session opens once, on an open context of its own backend") {
    Endpoint server(backend, server_settings());
    OwnedSession session(backend);
    CHECK(session->open(*server.context, {}).code == Err::invalid_state);
    REQUIRE(server.open().code == Err::none);
    CHECK(session->open(*server.context, {}).code == Err::none);
    CHECK(session->open(*server.context, {}).code == Err::invalid_state);
    session->release();
    server.context->close();
    CHECK(session->open(*server.context, {}).code == Err::invalid_state);
}

EACH_BACKEND("a context opens once, closes any number of times, and opens again") {
    Endpoint server(backend, server_settings());
    server.context->close();
    CHECK_FALSE(server.context->is_open());
    CHECK(server.open().code == Err::none);
    CHECK(server.context->is_open());
    CHECK(server.open().code == Err::invalid_state);
    CHECK(server.context->is_open());
    server.context->close();
    server.context->close();
    CHECK_FALSE(server.context->is_open());
    CHECK(server.open().code == Err::none);
}

EACH_BACKEND("a context that refused its settings keeps none, and opens with valid ones") {
    Endpoint server(backend, server_settings());
    Settings bad = server.settings;
    bad.config.credential.private_key = file("client.key.der");
    CHECK(server.context->open(bad.config, posix_environment()).code ==
          (backend.can().certificates ? Err::key_mismatch : Err::unsupported));
    CHECK_FALSE(server.context->is_open());
    CHECK(server.open().code == Err::none);
}

EACH_BACKEND("before the handshake is complete nothing is known") {
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection connection(ends.client, ends.server);
    connection.to_client.max_read = 1;
    while (!connection.client.session->is_established()) {
        CHECK(connection.client.session->version() == Version::none);
        CHECK(connection.client.session->suite() == 0);
        CHECK(connection.client.session->alpn().empty());
        CHECK(connection.client.session->readable() == 0);
        REQUIRE(connection.client.pump.handshake().status <= Status::want_write);
        REQUIRE(connection.server.pump.handshake().status <= Status::want_write);
    }
    CHECK(connection.client.session->version() != Version::none);
}

EACH_BACKEND("a failure is final, and reported by each call") {
    Settings client = client_settings();
    Err why = Err::wrong_host;
    if (!backend.can().certificates) {
        client.config.psk.identity = as_bytes("a stranger");
        why = Err::peer_alert;
    }
    OpenEnds ends(backend, client, server_settings("wronghost"));
    Connection connection(ends.client, ends.server);
    CHECK(connection.handshake().client == Status::failed);
    Session& session = *connection.client.session;
    std::uint8_t byte[1];
    for (int i = 0; i < 2; ++i) {
        CHECK(session.error().code == why);
        CHECK(session.handshake() == Status::failed);
        CHECK(session.read(byte).status == Status::failed);
        CHECK(session.write(as_bytes("x")).status == Status::failed);
        CHECK(session.error().code == why);
        CHECK(session.readable() == 0);
        CHECK(session.input_space().empty());
        CHECK_FALSE(session.is_established());
    }
    CHECK(session.close() == Status::ok);
}

EACH_BACKEND("the backend has a name and a version") {
    OwnedContext context(backend);
    CHECK(&context->backend() == &backend.backend());
    CHECK(context->backend().name == backend.name);
    CHECK_FALSE(context->backend().library_version().empty());
}
