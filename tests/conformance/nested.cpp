// Callbacks, and functions of the environment, that use another connection (ussl/callbacks.hpp
// allows it): whatever happens to the other one, the connection that calls is not affected.
#include "support/calling.hpp"
#include "support/each_backend.hpp"

#include <memory>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// What is done with the other connection. If it has an environment of its own, that is gone
// afterwards.
enum class Errand {
    completes,        // in the caller's environment
    completes_in_own, // in its own
    context_refused,  // invalid settings, and a library's number
    lacks_at_open,    // no randomness
    lacks_in_handshake,
    handshake_refused,
    releases_earlier, // one that was open before
    same_contexts,    // completes, with the caller's contexts
};
constexpr const char* errand_names[] = {"completes",
                                        "completes in its own environment",
                                        "context refused",
                                        "no randomness",
                                        "no randomness in the handshake",
                                        "handshake refused",
                                        "releases an earlier one",
                                        "completes in the same contexts"};
constexpr Errand errands[] = {Errand::completes,          Errand::completes_in_own,
                              Errand::context_refused,    Errand::lacks_at_open,
                              Errand::lacks_in_handshake, Errand::handshake_refused,
                              Errand::releases_earlier,   Errand::same_contexts};

Settings in(Settings settings, const Environment& environment, Version version) {
    settings.environment = &environment;
    return settings.versions(version);
}

struct OtherConnection {
    TestEnvironment device;
    OpenEnds ends;
    Connection connection;

    OtherConnection(const BackendUnderTest& backend, Version version,
                    const Environment* environment, const char* leaf = "p256")
        : ends(backend,
               in(client_settings(), environment != nullptr ? *environment : device.environment,
                  version),
               in(server_settings(leaf), environment != nullptr ? *environment : device.environment,
                  version)),
          connection(ends.client, ends.server) {}
};

// Runs its errand at each call of a callback, except for calls that the errand itself causes.
class Visitor {
public:
    Visitor(const BackendUnderTest& backend, Version version, Errand errand,
            const Environment& environment)
        : backend_(backend), version_(version), errand_(errand), environment_(environment) {
        if (errand == Errand::releases_earlier) {
            earlier_ = std::make_unique<OtherConnection>(backend, version, nullptr);
            CHECK(earlier_->connection.establish());
        }
    }

    unsigned visits = 0;
    unsigned left = 1000;         // from now on
    OpenEnds* contexts = nullptr; // of the connection that calls

    void call() {
        if (busy_ || left == 0) return;
        --left;
        ++visits;
        busy_ = true;
        run();
        busy_ = false;
    }

private:
    void run() {
        switch (errand_) {
        case Errand::completes:
        case Errand::completes_in_own: {
            OtherConnection other(backend_, version_,
                                  errand_ == Errand::completes ? &environment_ : nullptr);
            CHECK(other.connection.establish());
            CHECK(other.connection.client.write("x") == 1);
            CHECK(other.connection.server.read_all() == Status::want_read);
            break;
        }
        case Errand::context_refused: {
            Settings mismatched = server_settings();
            mismatched.config.credential.private_key = file("client.key.der");
            Endpoint server(backend_, mismatched);
            CHECK(server.open().code == Err::key_mismatch);
            break;
        }
        case Errand::lacks_at_open: {
            TestEnvironment device;
            Endpoint client(backend_, in(client_settings(), device.environment, version_));
            REQUIRE(client.open().code == Err::none);
            device.random_left = 0;
            OwnedSession session(backend_);
            const Err error = session->open(*client.context, client.settings.identity).code;
            CHECK((error == Err::no_randomness || session->handshake() == Status::failed));
            CHECK(device.random_refused);
            break;
        }
        case Errand::lacks_in_handshake: {
            OtherConnection other(backend_, version_, nullptr);
            other.device.random_left = 40; // which is enough for some
            other.connection.handshake();
            CHECK(other.connection.client.err() != Err::internal);
            CHECK(other.connection.server.err() != Err::internal);
            break;
        }
        case Errand::handshake_refused: {
            OtherConnection other(backend_, version_, nullptr, "wronghost");
            CHECK_FALSE(other.connection.establish());
            CHECK(other.connection.client.err() == Err::wrong_host);
            break;
        }
        case Errand::releases_earlier: earlier_.reset(); break;
        case Errand::same_contexts: {
            Walk other(*contexts);
            CHECK(other.establish());
            CHECK(other.hears(Role::server, "x"));
            break;
        }
        }
    }

    const BackendUnderTest& backend_;
    const Version version_;
    const Errand errand_;
    const Environment& environment_;
    std::unique_ptr<OtherConnection> earlier_;
    bool busy_ = false;
};

// The life of a connection, and of one that resumes it. The environment's functions, which are
// called often, run the errand twice in each part.
void live(const BackendUnderTest& backend, Calling& calling, Visitor& visitor, bool often) {
    const auto arm = [&] {
        if (often) visitor.left = 2;
    };
    arm();
    OpenEnds ends(backend, calling.client, calling.server);
    visitor.contexts = &ends;
    arm();
    Blob data;
    {
        Walk walk(ends);
        arm();
        REQUIRE(walk.establish());
        arm();
        CHECK(walk.hears(Role::server, "from the client"));
        CHECK(walk.hears(Role::client, "from the server"));
        data = stored(*walk.client);
        if (backend.can().exporter) {
            Blob of_client(32), of_server(32);
            CHECK(walk.client->export_keying_material(of_client, "EXPERIMENTAL", {}) == Err::none);
            CHECK(walk.server->export_keying_material(of_server, "EXPERIMENTAL", {}) == Err::none);
            CHECK(of_client == of_server);
        }
    }
    CHECK(visitor.visits != 0);
    if (!calling.client.config.resumption) return;
    PeerIdentity again = calling.client.identity;
    again.resumption = data;
    arm();
    Walk walk(ends, again);
    REQUIRE(walk.establish());
    CHECK(walk.client->is_resumed());
    CHECK(walk.server->is_resumed());
    CHECK(walk.hears(Role::server, "from the client"));
    CHECK(walk.hears(Role::client, "from the server"));
}

void check_callers(const BackendUnderTest& backend, std::initializer_list<Caller> callers) {
    for (const Caller caller : callers)
        for (const Role role : {Role::client, Role::server})
            for (const Kind& kind : kinds_of(backend))
                for (const Errand errand : errands)
                    for (const BackendUnderTest& of_other : backends()) {
                        if (!is_there(backend, caller, role)) continue;
                        // One caller is enough to show that any can do it.
                        if (&of_other != &backend && caller != Caller::verify) continue;
                        // The environment's functions leave the calling context alone.
                        if (errand == Errand::same_contexts &&
                            (&of_other != &backend || caller >= Caller::random))
                            continue;
                        CAPTURE(std::string(caller_names[static_cast<int>(caller)]));
                        CAPTURE(std::string(role == Role::client ? "client" : "server"));
                        CAPTURE(kind.name());
                        CAPTURE(std::string(errand_names[static_cast<int>(errand)]));
                        CAPTURE(std::string(of_other.name));
                        Calling calling(backend, kind, role, caller);
                        Visitor visitor(of_other,
                                        of_other.can().tls1_3 ? kind.version : Version::tls1_2,
                                        errand, calling.device.environment);
                        calling.called = [&visitor] { visitor.call(); };
                        live(backend, calling, visitor, caller >= Caller::random);
                    }
}

} // namespace

EACH_BACKEND("a callback may use another connection, whatever its outcome") {
    if (backend.can().sign_callback && !has_signer())
        MESSAGE("the signer is left out: this program was built without libcrypto");
    check_callers(
        backend, {Caller::verify, Caller::sign, Caller::server_name, Caller::key_log, Caller::psk});
}

EACH_BACKEND("the environment's functions may use another connection, too") {
    check_callers(backend, {Caller::random, Caller::now, Caller::milliseconds});
}
