// Callbacks, and functions of the environment, that use another connection (ussl/callbacks.hpp
// allows it): whatever becomes of that one, the one that calls goes on as if nothing had been.
#include "support/each_backend.hpp"
#include "support/grid.hpp"
#include "support/signer.hpp"
#include "support/test_environment.hpp"
#include "support/walk.hpp"

#include <memory>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// What is done with the other connection, whose environment is gone afterwards if it has one of its
// own.
enum class Errand {
    completes,        // in the environment of the one that calls
    completes_in_own, // in its own
    context_refused,  // bad settings, and a library's number
    lacks_at_open,    // no randomness
    lacks_in_handshake,
    handshake_refused,
    releases_earlier, // one that was open before
    same_contexts,    // completes, by the contexts of the one that calls
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

// Runs its errand at each call of a callback, but not at those that the errand itself makes.
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

// What calls, on the side that is looked at.
enum class Caller { verify, sign, server_name, key_log, psk, random, now, milliseconds };
constexpr const char* caller_names[] = {
    "verify_callback", "signer", "server_name_callback", "key_log", "psk_callback",
    "random",          "now",    "milliseconds"};

bool is_there(const BackendUnderTest& backend, Caller caller, Role role) {
    const Capabilities& can = backend.can();
    const bool server = role == Role::server;
    switch (caller) {
    case Caller::verify: return can.verify_callback && (!server || can.client_certificates);
    case Caller::sign:
        return can.sign_callback && has_signer() && (server || can.client_certificates);
    case Caller::server_name: return can.server_names && server;
    case Caller::key_log: return can.key_log;
    case Caller::psk: return can.psk && server;
    case Caller::milliseconds: return can.handshake_timeout;
    default: return true;
    }
}

constexpr std::string_view psk_identity = "sensor 7", psk_key = "0123456789abcdef";

// A connection both of whose ends show certificates where they can, or have a key in common, and
// what one of them calls.
class Calling {
public:
    // `of_other`: the backend of the other connection.
    Calling(const BackendUnderTest& backend, const BackendUnderTest& of_other, Kind kind, Role role,
            Caller caller, Errand errand)
        : visitor(of_other, of_other.can().tls1_3 ? kind.version : Version::tls1_2, errand,
                  device.environment),
          caller_(caller) {
        const bool mutual = backend.can().client_certificates;
        client = mutual ? client_with("client") : client_settings();
        server = mutual ? asking_server() : server_settings();
        if (caller == Caller::psk) {
            client = server = {};
            client.config.psk = {as_bytes(psk_identity), as_bytes(psk_key)};
            server.config.role = Role::server;
        }
        for (Settings* settings : {&client, &server}) {
            *settings = kind.of(*settings);
            settings->environment = &device.environment;
            settings->config.resumption = backend.can().resumption && caller != Caller::psk;
        }
        // One that no certificate is for, as the callback is asked for such only.
        if (caller == Caller::server_name) client.identity.sni = "elsewhere.example";
        put(role == Role::client ? client : server);
    }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

    TestEnvironment device;
    Visitor visitor;
    Settings client, server;

    // For the next part of the connection's life.
    void arm() {
        if (caller_ >= Caller::random) visitor.left = 2;
    }

private:
    static void call(void* user) { static_cast<Calling*>(user)->visitor.call(); }

    void put(Settings& settings) {
        ContextConfig& config = settings.config;
        switch (caller_) {
        case Caller::verify:
            config.verify_callback = {this, [](void* user, Bytes, unsigned, Err) {
                                          call(user);
                                          return true;
                                      }};
            break;
        case Caller::sign:
            signing_ = Signing(config.role == Role::client ? "client" : "p256");
            config.credential = signing_.credential();
            signer_ = config.credential.signer;
            config.credential.signer = {this, sign};
            break;
        case Caller::server_name:
            config.server_name_callback = {this, [](void* user, std::string_view) {
                                               call(user);
                                               return 0;
                                           }};
            break;
        case Caller::key_log:
            config.key_log = {this, [](void* user, std::string_view) { call(user); }};
            break;
        case Caller::psk:
            config.psk_callback = {this, [](void* user, Bytes identity, Bytes* key) {
                                       call(user);
                                       *key = as_bytes(psk_key);
                                       return equal(identity, as_bytes(psk_identity));
                                   }};
            break;
        default:
            settings.environment = &environment_;
            if (caller_ == Caller::milliseconds) config.handshake_timeout = 30'000;
        }
    }

    static bool sign(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                     std::size_t* size) {
        call(user);
        const Signer& signer = static_cast<Calling*>(user)->signer_;
        return signer.sign(signer.user, scheme, digest, signature, size);
    }

    static bool random(void* user, MutableBytes out) {
        Calling& self = of(user, Caller::random);
        return self.device.environment.random(&self.device, out);
    }
    static bool now(void* user, UnixTime* out) {
        Calling& self = of(user, Caller::now);
        return self.device.environment.now(&self.device, out);
    }
    static std::uint32_t milliseconds(void* user) {
        Calling& self = of(user, Caller::milliseconds);
        return self.device.environment.milliseconds(&self.device);
    }
    static Calling& of(void* user, Caller caller) {
        Calling& self = *static_cast<Calling*>(user);
        if (self.caller_ == caller) self.visitor.call();
        return self;
    }

    const Environment environment_{this, random, now, milliseconds};
    const Caller caller_;
    Signing signing_{"p256"};
    Signer signer_;
};

// A life of a connection, and of one that resumes it.
void live(const BackendUnderTest& backend, Calling& calling) {
    calling.arm();
    OpenEnds ends(backend, calling.client, calling.server);
    calling.visitor.contexts = &ends;
    calling.arm();
    Blob data;
    {
        Walk walk(ends);
        calling.arm();
        REQUIRE(walk.establish());
        calling.arm();
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
    CHECK(calling.visitor.visits != 0);
    if (!calling.client.config.resumption) return;
    PeerIdentity again = calling.client.identity;
    again.resumption = data;
    calling.arm();
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
                        // One caller is enough to see that it can be any.
                        if (&of_other != &backend && caller != Caller::verify) continue;
                        // The environment's functions leave the context that calls alone.
                        if (errand == Errand::same_contexts &&
                            (&of_other != &backend || caller >= Caller::random))
                            continue;
                        CAPTURE(std::string(caller_names[static_cast<int>(caller)]));
                        CAPTURE(std::string(role == Role::client ? "client" : "server"));
                        CAPTURE(kind.name());
                        CAPTURE(std::string(errand_names[static_cast<int>(errand)]));
                        CAPTURE(std::string(of_other.name));
                        Calling calling(backend, of_other, kind, role, caller, errand);
                        live(backend, calling);
                    }
}

} // namespace

EACH_BACKEND("a callback may use another connection, whatever becomes of it") {
    if (backend.can().sign_callback && !has_signer())
        MESSAGE("the signer is left out: this program was built without libcrypto");
    check_callers(
        backend, {Caller::verify, Caller::sign, Caller::server_name, Caller::key_log, Caller::psk});
}

EACH_BACKEND("so may the environment's functions") {
    check_callers(backend, {Caller::random, Caller::now, Caller::milliseconds});
}
