// What ussl/backend/engine.hpp requires of an engine besides its functions' types.
#include "support/calling.hpp"
#include "support/each_backend.hpp"

#include <string>
#include <string_view>

using namespace ussl;
using namespace ussl::test;

namespace {

// A client's first connection, and one that resumes it if the backend can.
template<class Body>
void for_each_life(OpenEnds& ends, Body body) {
    PeerIdentity identity = ends.client.settings.identity;
    Blob data;
    for (const bool again : {false, true}) {
        if (again && !ends.client.settings.config.resumption) return;
        CAPTURE(again);
        identity.resumption = data;
        Walk walk(ends, identity);
        body(walk);
        CHECK(walk.client->is_resumed() == again);
        data = stored(*walk.client);
        CHECK(data.empty() != ends.client.settings.config.resumption);
    }
}

void talk(Walk& walk) {
    REQUIRE(walk.establish());
    CHECK(walk.hears(Role::server, "from the client"));
    CHECK(walk.hears(Role::client, "from the server"));
}

void close(Walk& walk) {
    for (const Role role : {Role::client, Role::server})
        CHECK(walk.run(role, [](Session& session) { return session.close(); }) == Status::ok);
}

// The results of all const functions of a session.
void ask(const Session& session) {
    static_cast<void>(session.timeout());
    static_cast<void>(session.readable());
    static_cast<void>(session.can_read());
    static_cast<void>(session.is_established());
    static_cast<void>(session.error());
    static_cast<void>(session.version());
    static_cast<void>(session.suite());
    static_cast<void>(session.alpn());
    static_cast<void>(session.is_resumed());
    static_cast<void>(session.max_fragment_length());
    static_cast<void>(session.peer_certificate());
}

bool is_same(Bytes one, Bytes other) {
    return one.data() == other.data() && one.size() == other.size();
}

// Asking again gives the same room for input, with the bytes written there. const functions move
// neither these nor waiting output.
void check_places(Session& session) {
    const MutableBytes space = session.input_space();
    if (!space.empty()) space.front() = 0x5a;
    CHECK(is_same(session.input_space(), space));
    const Bytes output = session.output();
    const Blob text(output.begin(), output.end());
    CHECK(is_same(session.output(), output));
    const Bytes certificate = session.peer_certificate();
    ask(session);
    CHECK(is_same(session.input_space(), space));
    CHECK((space.empty() || space.front() == 0x5a));
    CHECK(is_same(session.output(), output));
    CHECK(equal(output, text));
    CHECK(is_same(session.peer_certificate(), certificate));
}

} // namespace

EACH_BACKEND("callbacks are called only by calls that advance the handshake") {
    const Caller callers[] = {Caller::verify, Caller::sign, Caller::server_name, Caller::key_log,
                              Caller::psk};
    if (backend.can().sign_callback && !has_signer())
        MESSAGE("the signer is left out: this program was built without libcrypto");
    for (const Caller caller : callers)
        for (const Role role : {Role::client, Role::server})
            for (const Kind& kind : kinds_of(backend)) {
                if (!is_there(backend, caller, role)) continue;
                CAPTURE(std::string(caller_names[static_cast<int>(caller)]));
                CAPTURE(std::string(role == Role::client ? "client" : "server"));
                CAPTURE(kind.name());
                Calling calling(backend, kind, role, caller);
                OpenEnds ends(backend, calling.client, calling.server);
                unsigned calls = 0;
                for_each_life(ends, [&](Walk& walk) {
                    calling.called = [&] {
                        ++calls;
                        CHECK(walk.under_way == Walk::Call::progress);
                        CHECK_FALSE(walk.of(role).is_established());
                    };
                    talk(walk);
                    close(walk);
                });
                CHECK(calls != 0);
            }
}

EACH_BACKEND("randomness is drawn only by calls that begin or advance a handshake") {
    for (const Role role : {Role::client, Role::server})
        for (const Kind& kind : kinds_of(backend)) {
            CAPTURE(std::string(role == Role::client ? "client" : "server"));
            CAPTURE(kind.name());
            Calling calling(backend, kind, role, Caller::random);
            OpenEnds ends(backend, calling.client, calling.server);
            for_each_life(ends, [&](Walk& walk) {
                calling.called = [&] {
                    if (!walk.of(role).is_established())
                        CHECK(walk.under_way == Walk::Call::progress);
                };
                talk(walk);
                calling.called = [] {}; // open() of the next one may
            });
        }
}

// Decisions are visible in the output, and in the error.
EACH_BACKEND("within the handshake input_commit() only stores bytes") {
    for (const char* leaf : {"p256", "wronghost"})
        for (const Kind& kind : kinds_of(backend)) {
            CAPTURE(std::string(leaf));
            CAPTURE(kind.name());
            OpenEnds ends(backend, kind.of(client_settings()), kind.of(server_settings(leaf)));
            Walk walk(ends);
            struct Seen {
                Blob output;
                Err error = Err::none;
                Blob certificate;

                bool operator==(const Seen&) const = default;
            };
            Seen seen[2];
            unsigned commits = 0;
            const auto see = [&](bool compare) {
                for (const Role role : {Role::client, Role::server}) {
                    Session& session = walk.of(role);
                    const Bytes output = session.output(), leaf_seen = session.peer_certificate();
                    Seen now{{output.begin(), output.end()},
                             session.error().code,
                             {leaf_seen.begin(), leaf_seen.end()}};
                    Seen& before = seen[role == Role::server];
                    if (compare) CHECK(now == before);
                    before = now;
                }
            };
            see(false);
            walk.look = [&] {
                const bool compare = walk.under_way == Walk::Call::input_commit;
                commits += compare;
                see(compare);
            };
            CHECK(walk.establish() == (std::string_view(leaf) == "p256"));
            CHECK(commits != 0);
        }
}

EACH_BACKEND("room for input stays in place, and const functions move nothing") {
    for (const Kind& kind : kinds_of(backend)) {
        CAPTURE(kind.name());
        Settings client = kind.of(client_settings()), server = kind.of(server_settings());
        client.config.keep_peer_certificate = true;
        for (Settings* settings : {&client, &server})
            settings->config.resumption = backend.can().resumption;
        OpenEnds ends(backend, client, server);
        for_each_life(ends, [&](Walk& walk) {
            walk.look = [&] {
                check_places(*walk.client);
                check_places(*walk.server);
            };
            walk.look();
            talk(walk);
            walk.client->release_buffers();
            walk.look();
            close(walk);
        });
    }
}
