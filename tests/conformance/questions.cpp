// Every query in every state ("What is known" in ussl/session.hpp), after each single call of a
// session's life, over streams and datagrams: the answers are right, equal the peer's, and stay the
// same from the first call after the handshake on; queries change nothing.
#include "support/each_backend.hpp"
#include "support/test_environment.hpp"
#include "support/walk.hpp"

#include <optional>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::uint32_t time_limit = 30'000;

// What both ends agree on.
struct Agreed {
    Version version;
    std::uint16_t suite;
    std::string alpn;
    bool resumed;
    std::size_t max_fragment_length;
    Blob exported;

    bool operator==(const Agreed&) const = default;
};

class Asker {
public:
    Asker(const BackendUnderTest& backend, Session& session, std::string certificate)
        : backend_(backend), session_(session), certificate_(std::move(certificate)) {}

    std::optional<Agreed> agreed;

    void ask() {
        const Err error = session_.error().code;
        const bool established = session_.is_established();
        const bool failed =
            error != Err::none && error != Err::truncated && error != Err::invalid_state;
        Agreed now{session_.version(),
                   session_.suite(),
                   std::string(session_.alpn()),
                   session_.is_resumed(),
                   session_.max_fragment_length(),
                   Blob(32, 0xa5)};
        const Err exported =
            session_.export_keying_material(now.exported, "EXPERIMENTAL ussl", as_bytes("x"));
        CHECK(exported == (!backend_.can().exporter ? Err::unsupported
                           : established && !failed ? Err::none
                                                    : Err::invalid_state));
        const Blob data = ask_for_resumption_data();
        if (established) {
            if (exported != Err::none && agreed) now.exported = agreed->exported;
            if (!agreed) agreed = now;
            CHECK(now == *agreed);
            CHECK(now.version != Version::none);
            CHECK(now.suite != 0);
            if (!now.resumed) CHECK(equal(session_.peer_certificate(), file(certificate_)));
            if (failed) CHECK(data.empty());
        } else {
            CHECK(now.version == Version::none);
            CHECK(now.suite == 0);
            CHECK(now.alpn.empty());
            CHECK_FALSE(now.resumed);
            CHECK(now.exported == Blob(32, 0xa5));
            CHECK(data.empty());
            CHECK(session_.readable() == 0);
        }
        CHECK(session_.readable() == session_.readable());
        CHECK(session_.timeout() == session_.timeout());
        CHECK((session_.timeout() == no_timeout || session_.timeout() <= time_limit));
        const Bytes output = session_.output();
        CHECK(session_.output().data() == output.data());
        CHECK(session_.output().size() == output.size());
        CHECK(session_.is_established() == established);
        CHECK(session_.error().code == error);
    }

private:
    Blob ask_for_resumption_data() {
        Blob data(session_.resumption_data({}));
        const Blob untouched(data.size(), 0xa5);
        if (!data.empty()) {
            Blob small(data.size() - 1, 0xa5);
            CHECK(session_.resumption_data(small) == data.size());
            CHECK(equal(small, Bytes(untouched).first(small.size())));
        }
        CHECK(session_.resumption_data(data) == data.size());
        return data;
    }

    const BackendUnderTest& backend_;
    Session& session_;
    const std::string certificate_; // of the peer
};

// Contexts that ask each other for certificates and use everything that can be negotiated.
struct Contexts {
    TestEnvironment device;
    OpenEnds ends;

    Contexts(const BackendUnderTest& backend, Kind kind, const std::string& leaf = "p256")
        : ends(backend, with_all(backend, kind, client_with("client")),
               with_all(backend, kind, showing(leaf))) {}

private:
    static Settings showing(const std::string& leaf) {
        Settings server = asking_server();
        server.config.credential = credential(leaf);
        return server;
    }
    Settings with_all(const BackendUnderTest& backend, Kind kind, const Settings& of) {
        static constexpr std::string_view names[] = {"h2"};
        Settings settings = kind.of(of);
        settings.environment = &device.environment;
        settings.config.resumption = backend.can().resumption;
        settings.config.keep_peer_certificate = true;
        if (backend.can().alpn) settings.config.alpn = names;
        if (backend.can().handshake_timeout) settings.config.handshake_timeout = time_limit;
        return settings;
    }
};

// A connection whose ends are queried after each call.
struct Asked {
    Walk walk;
    Asker client, server;

    explicit Asked(Contexts& contexts, Bytes resumption = {}, const std::string& leaf = "p256")
        : walk(contexts.ends, resuming(contexts, resumption)),
          client(contexts.ends.client.backend, *walk.client, leaf + ".crt.der"),
          server(contexts.ends.client.backend, *walk.server, "client.crt.der") {
        walk.look = [this] {
            client.ask();
            server.ask();
        };
        walk.look();
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    void establish() {
        REQUIRE(walk.establish());
        REQUIRE(client.agreed);
        REQUIRE(server.agreed);
        CHECK(*client.agreed == *server.agreed);
    }

private:
    static PeerIdentity resuming(const Contexts& contexts, Bytes resumption) {
        PeerIdentity identity = contexts.ends.client.settings.identity;
        identity.resumption = resumption;
        return identity;
    }
};

// A whole life, in which `first` sends first and closes first.
void live(const BackendUnderTest& backend, Asked& asked, Role first) {
    Walk& walk = asked.walk;
    asked.establish();
    CHECK(asked.client.agreed->alpn == (backend.can().alpn ? "h2" : ""));
    CHECK(walk.hears(other(first), "first"));
    CHECK(walk.hears(first, "second"));
    // Data that have come and are not read yet.
    CHECK(walk.write(other(first), "third"));
    while (walk.deliver(first)) {
    }
    std::string text;
    CHECK(walk.read(first, text) == Status::want_read);
    CHECK(text == "third");
}

void close(Walk& walk, Role first) {
    std::string text;
    const auto close = [](Session& session) { return session.close(); };
    CHECK(walk.run(first, close) == Status::ok);
    CHECK(walk.read(other(first), text) == Status::closed);
    CHECK(walk.run(other(first), close) == Status::ok);
    for (const Role role : {Role::client, Role::server}) {
        walk.of(role).release();
        CHECK(walk.of(role).version() == Version::none);
        CHECK(walk.of(role).peer_certificate().empty());
        CHECK(walk.of(role).resumption_data({}) == 0);
        Blob material(1);
        CHECK(walk.of(role).export_keying_material(material, "EXPERIMENTAL", {}) != Err::none);
    }
}

template<class Body>
void for_each_kind(const BackendUnderTest& backend, Body body) {
    for (const Kind& kind : kinds_of(backend))
        for (const Role role : {Role::client, Role::server}) {
            CAPTURE(kind.name());
            CAPTURE(std::string(role == Role::client ? "client" : "server"));
            body(kind, role);
        }
}

} // namespace

EACH_BACKEND("every query in every state of a full and of a resumed session") {
    for_each_kind(backend, [&](Kind kind, Role first) {
        Contexts contexts(backend, kind);
        Blob data;
        {
            Asked full(contexts);
            live(backend, full, first);
            CHECK_FALSE(full.client.agreed->resumed);
            data = stored(*full.walk.client);
            close(full.walk, first);
        }
        CHECK(data.empty() != backend.can().resumption);
        if (data.empty()) return;
        Asked resumed(contexts, data);
        live(backend, resumed, first);
        CHECK(resumed.client.agreed->resumed);
        close(resumed.walk, first);
    });
}

EACH_BACKEND("every query after a handshake that one side refuses") {
    for_each_kind(backend, [&](Kind kind, Role) {
        Contexts contexts(backend, kind, "wronghost");
        Asked asked(contexts, {}, "wronghost");
        CHECK_FALSE(asked.walk.establish());
        CHECK(asked.walk.client->error().code == Err::wrong_host);
        std::string text;
        CHECK(asked.walk.read(Role::server, text) == Status::failed);
    });
}

EACH_BACKEND("every query after the transport has ended, within the handshake and after it") {
    for_each_kind(backend, [&](Kind kind, Role role) {
        Contexts contexts(backend, kind);
        for (const bool within : {true, false}) {
            CAPTURE(within);
            Asked asked(contexts);
            if (!within) asked.establish();
            std::string text;
            CHECK(asked.walk.read(role, text) == Status::want_read);
            asked.walk.of(role).input_end();
            CHECK(asked.walk.read(role, text) == Status::truncated);
        }
    });
}

// (Damaged datagrams are dropped: they end nothing.)
EACH_BACKEND("every query after a damaged record") {
    for_each_kind(backend, [&](Kind kind, Role role) {
        if (kind.datagram) return;
        Contexts contexts(backend, kind);
        Asked asked(contexts);
        asked.establish();
        CHECK(asked.walk.write(other(role), "damaged"));
        asked.walk.towards(role).back().back() ^= 1;
        std::string text;
        CHECK(asked.walk.read(role, text) == Status::failed);
        CHECK(asked.walk.of(role).error().code == Err::bad_record);
        CHECK(text.empty());
    });
}
