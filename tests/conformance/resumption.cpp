// Resumption of sessions: tickets or session IDs (RFC 5077; RFC 8446, 2.2; RFC 5246, 7.3).
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"
#include "support/raw.hpp"
#include "support/test_environment.hpp"

#include "ussl/x509/certificate.hpp"

#include <array>
#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

// Both ends send data, and the client reads whatever else comes (in TLS 1.3: tickets).
void talk(Connection& connection) {
    CHECK(connection.client.write("from the client") == 15);
    CHECK(connection.server.write("from the server") == 15);
    CHECK(connection.server.read_all() == Status::want_read);
    CHECK(connection.client.read_all() == Status::want_read);
    CHECK(connection.client.received == "from the server");
    CHECK(connection.server.received == "from the client");
}

struct Result {
    bool established = false, resumed = false;
    Err client = Err::none, server = Err::none;
    std::size_t bytes = 0; // of the handshake, both directions
    Blob data;             // for the next one
};

// The groups of a ClientHello (RFC 8446, 4.2.7), as written there.
std::string supported_groups(const BackendUnderTest& backend, Settings settings, Bytes data) {
    settings.identity.resumption = data;
    OpenEnds ends(backend, settings, server_settings());
    Connection connection(ends.client, ends.server);
    REQUIRE(connection.client.session->handshake() == Status::want_read);
    const Bytes output = connection.client.session->output();
    const std::string hello(output.begin(), output.end());
    for (std::size_t size = 2; size < 64; size += 2) {
        const std::string start = raw::u16(10) + raw::u16(static_cast<unsigned>(size) + 2) +
                                  raw::u16(static_cast<unsigned>(size));
        const std::size_t at = hello.find(start);
        if (at != std::string::npos) return hello.substr(at + start.size(), size);
    }
    FAIL("no supported_groups");
    return {};
}

// One connection between the same contexts.
Result connect_again(Endpoint& client, Endpoint& server, Bytes data) {
    client.settings.identity.resumption = data;
    Connection connection(client, server);
    Result result;
    result.established = connection.establish();
    result.bytes = connection.to_client.sent + connection.to_server.sent;
    if (result.established) {
        talk(connection);
        CHECK(connection.client.session->is_resumed() == connection.server.session->is_resumed());
        result.resumed = connection.client.session->is_resumed();
        result.data = stored(*connection.client.session);
    } else {
        connection.hear_alerts();
        CHECK_FALSE(connection.client.session->is_resumed());
    }
    result.client = connection.client.err();
    result.server = connection.server.err();
    return result;
}

// One connection to the same server, from a client with a new context.
Result connect_once(const BackendUnderTest& backend, const Settings& client, Endpoint& server,
                    Bytes data) {
    Endpoint client_end(backend, client);
    REQUIRE(client_end.open().code == Err::none);
    return connect_again(client_end, server, data);
}

// A server, and a client's session with it.
struct Acquainted {
    Settings client_settings;
    Endpoint server;
    Blob data;
    std::size_t full_bytes = 0;

    Acquainted(const BackendUnderTest& backend, Version version,
               const Settings& client = test::client_settings(),
               const Settings& server_ = server_settings())
        : client_settings(resuming(client, version)), server(backend, resuming(server_, version)) {
        REQUIRE(server.open().code == Err::none);
        const Result first = connect_once(backend, client_settings, server, {});
        REQUIRE(first.established);
        CHECK_FALSE(first.resumed);
        REQUIRE_FALSE(first.data.empty());
        data = first.data;
        full_bytes = first.bytes;
    }
};

} // namespace

EACH_BACKEND("a context with resumption opens if the backend has it, else it is unsupported") {
    for (Settings settings : {client_settings(), server_settings()}) {
        settings.config.resumption = true;
        Endpoint endpoint(backend, settings);
        CHECK(endpoint.open().code == (backend.can().resumption ? Err::none : Err::unsupported));
    }
}

EACH_BACKEND("without ContextConfig::resumption there is no resumption data") {
    for (const Version version : versions_of(backend)) {
        OpenEnds ends(backend, client_settings().versions(version),
                      backend.can().resumption ? resuming(server_settings(), version)
                                               : server_settings().versions(version));
        Connection connection(ends.client, ends.server);
        REQUIRE(connection.establish());
        talk(connection);
        CHECK(connection.client.session->resumption_data({}) == 0);
        CHECK(connection.server.session->resumption_data({}) == 0);
        CHECK_FALSE(connection.client.session->is_resumed());
    }
}

EACH_BACKEND("a server without resumption gives no resumption data") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version);
        Endpoint server(backend, server_settings().versions(version));
        REQUIRE(server.open().code == Err::none);
        for (const Bytes data : {Bytes{}, Bytes(known.data)}) {
            const Result result = connect_once(backend, known.client_settings, server, data);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
        const Result result = connect_once(backend, known.client_settings, server, {});
        const bool named = differs(backend, Difference::session_named_without_resumption, version);
        CHECK(result.data.empty() == !named);
        CHECK_FALSE(connect_once(backend, known.client_settings, server, result.data).resumed);
    }
}

EACH_BACKEND("a new context can use stored data, many times") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend))
        for (const char* leaf : leaves_of(backend)) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(leaf));
            Acquainted known(backend, version, client_settings(), server_settings(leaf));
            Blob data = known.data;
            for (int i = 0; i < 3; ++i) {
                const Result result =
                    connect_once(backend, known.client_settings, known.server, data);
                CHECK(result.established);
                CHECK(result.resumed);
                REQUIRE_FALSE(result.data.empty());
                data = result.data;
            }
            // The same data twice: a server does not count their uses.
            CHECK(connect_once(backend, known.client_settings, known.server, data).resumed);
            CHECK(connect_once(backend, known.client_settings, known.server, data).resumed);
        }
}

EACH_BACKEND("a resumed handshake is short") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version, client_settings(), server_settings("p384-chain"));
        const Result again = connect_once(backend, known.client_settings, known.server, known.data);
        CHECK(again.resumed);
        MESSAGE(std::string(backend.name)
                << " " << std::string(name_of(version)) << ": full handshake " << known.full_bytes
                << " bytes, resumed " << again.bytes << ", stored " << known.data.size());
        CHECK(again.bytes < known.full_bytes - 500);
    }
}

// A server may have lost the group that it chose last time, and must be able to request another.
EACH_BACKEND("a client that resumes offers the same groups as any other") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        const Acquainted known(backend, version);
        CHECK(supported_groups(backend, known.client_settings, known.data) ==
              supported_groups(backend, known.client_settings, {}));
    }
}

EACH_BACKEND("resumption data is copied whole or not at all") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        OpenEnds ends(backend, resuming(client_settings(), version),
                      resuming(server_settings(), version));
        Connection connection(ends.client, ends.server);
        CHECK(connection.client.session->resumption_data({}) == 0);
        REQUIRE(connection.establish());
        talk(connection);
        const std::size_t size = connection.client.session->resumption_data({});
        REQUIRE(size != 0);
        Blob buffer(size + 16, 0xa5);
        const MutableBytes all = buffer;
        CHECK(connection.client.session->resumption_data(all.first(size - 1)) == size);
        CHECK(buffer == Blob(size + 16, 0xa5));
        CHECK(connection.client.session->resumption_data(all) == size);
        CHECK(Bytes(buffer).subspan(size)[0] == 0xa5);
        CHECK(connection.server.session->resumption_data({}) == 0);
        // The stored data must outlive the session.
        CHECK(connection.client.session->close() == Status::ok);
        connection.client.session->release();
        CHECK(connection.client.session->resumption_data(all) == 0);
        CHECK(connect_once(backend, ends.client.settings, ends.server, all.first(size)).resumed);
    }
}

EACH_BACKEND("data from other settings is not used: the handshake is a full one") {
    if (!backend.can().resumption) return;
    const struct {
        const char* what;
        void (*change)(Settings&);
    } rows[] = {
        {"another name to verify", [](Settings& s) { s.identity.dns_name = "test.example"; }},
        {"another name to send", [](Settings& s) { s.identity.sni = "test.example"; }},
        {"no name to send", [](Settings& s) { s.identity.sni = {}; }},
        {"fewer anchors", [](Settings& s) { s.config.trust_anchors = anchors({"ca"}); }},
        {"anchors in another order",
         [](Settings& s) {
             s.config.trust_anchors = anchors({"rsa-ca", "ca", "p384-ca"});
         }},
        {"another rule", [](Settings& s) { s.config.policy.check_purpose = false; }},
        {"a callback",
         [](Settings& s) {
             s.config.verify_callback.accept = [](void*, Bytes, unsigned, Err verdict) {
                 return verdict == Err::none;
             };
         }},
    };
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version);
        for (const auto& row : rows) {
            CAPTURE(std::string(row.what));
            Settings changed = known.client_settings;
            row.change(changed);
            const Result result = connect_once(backend, changed, known.server, known.data);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
        // From a session whose server was not verified.
        Settings trusting = known.client_settings;
        trusting.config.verify = Verify::none;
        const Result unverified = connect_once(backend, trusting, known.server, {});
        REQUIRE(unverified.established);
        const Result result =
            connect_once(backend, known.client_settings, known.server, unverified.data);
        CHECK(result.established);
        CHECK_FALSE(result.resumed);
        // The original data are still valid.
        CHECK(connect_once(backend, known.client_settings, known.server, known.data).resumed);
    }
}

EACH_BACKEND("data of another version or another backend is not used") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        Acquainted known(backend, version);
        for (const Version other : versions_of(backend)) {
            if (other == version) continue;
            Endpoint server(backend, resuming(server_settings(), other));
            REQUIRE(server.open().code == Err::none);
            const Result result =
                connect_once(backend, resuming(client_settings(), other), server, known.data);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
        for (const BackendUnderTest& other : backends()) {
            if (&other == &backend || !other.can().resumption) continue;
            if (version == Version::tls1_3 && !other.can().tls1_3) continue;
            Endpoint server(other, resuming(server_settings(), version));
            REQUIRE(server.open().code == Err::none);
            const Result result = connect_once(other, known.client_settings, server, known.data);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
    }
}

EACH_BACKEND("damaged data is not used, cut data does not crash") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version);
        Endpoint client(backend, known.client_settings);
        REQUIRE(client.open().code == Err::none);
        // Each length, alone and behind garbage, up to the first message.
        for (std::size_t size = 0; size < known.data.size() + 3; ++size) {
            Blob cut = known.data;
            cut.resize(size, 0xff);
            PeerIdentity identity = known.client_settings.identity;
            identity.resumption = cut;
            OwnedSession session(backend);
            REQUIRE(session->open(*client.context, identity).code == Err::none);
            CHECK(session->handshake() == Status::want_read);
            CHECK_FALSE(session->output().empty());
        }
        // One bit at a time, at intervals, to the end.
        for (std::size_t at = 0; at < known.data.size(); at += 1 + known.data.size() / 24) {
            CAPTURE(at);
            Blob damaged = known.data;
            damaged[at] ^= 0x10;
            const Result result =
                connect_once(backend, known.client_settings, known.server, damaged);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
    }
}

EACH_BACKEND("a resumed session has the fragment length of its own request") {
    if (!backend.can().resumption || !backend.can().max_fragment_length) return;
    const struct {
        std::uint16_t before, now;
    } rows[] = {{512, 512}, {512, 1024}, {1024, 512}, {512, 0}, {0, 512}};
    for (const auto& row : rows) {
        CAPTURE(row.before);
        CAPTURE(row.now);
        Settings client = client_settings();
        client.config.max_fragment_length = row.before;
        Acquainted known(backend, Version::tls1_2, client);
        known.client_settings.config.max_fragment_length = row.now;
        known.client_settings.identity.resumption = known.data;
        Endpoint client_end(backend, known.client_settings);
        REQUIRE(client_end.open().code == Err::none);
        Connection connection(client_end, known.server);
        REQUIRE(connection.establish());
        const bool kept = row.before == row.now ||
                          !differs(backend, Difference::resumption_keeps_fragment_length);
        CHECK(connection.client.session->is_resumed() == kept);
        const std::size_t length = row.now != 0 ? row.now : USSL_RECORD_INPUT;
        CHECK(connection.client.session->max_fragment_length() == length);
        CHECK(connection.server.session->max_fragment_length() == length);
    }
}

EACH_BACKEND("after a restart of the server the handshake is a full one") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version);
        known.server.context->close();
        REQUIRE(known.server.open().code == Err::none);
        const Result result =
            connect_once(backend, known.client_settings, known.server, known.data);
        CHECK(result.established);
        CHECK_FALSE(result.resumed);
        CHECK(connect_once(backend, known.client_settings, known.server, result.data).resumed);
    }
}

EACH_BACKEND("where client certificates are required only verified clients resume") {
    if (!backend.can().resumption || !backend.can().client_certificates) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version, client_with("client"), asking_server());
        CHECK(connect_once(backend, known.client_settings, known.server, known.data).resumed);
        // A client without a certificate has no session that this server would accept.
        Acquainted easy(backend, version);
        const Settings bare = resuming(client_settings(), version);
        for (const Bytes data : {Bytes{}, Bytes(easy.data)}) {
            const Result result = connect_once(backend, bare, known.server, data);
            CHECK_FALSE(result.resumed);
            CHECK(result.server == Err::no_peer_certificate);
        }
        // If a certificate is requested but not required, a client without one resumes without one.
        Endpoint optional(backend, resuming(asking_server(Verify::optional), version));
        REQUIRE(optional.open().code == Err::none);
        const Result first = connect_once(backend, bare, optional, {});
        REQUIRE(first.established);
        CHECK(connect_once(backend, bare, known.server, first.data).server ==
              Err::no_peer_certificate);
    }
}

EACH_BACKEND("data is valid for a week, and no longer") {
    if (!backend.can().resumption) return;
    constexpr UnixTime day = 24 * 3600;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        TestEnvironment clock;
        REQUIRE(posix_environment().now(nullptr, &clock.time));
        Settings settings = client_settings();
        settings.environment = &clock.environment;
        Settings server = server_settings();
        server.environment = &clock.environment;
        Acquainted known(backend, version, settings, server);
        const UnixTime start = clock.time;
        clock.time = start + 60;
        CHECK(connect_once(backend, known.client_settings, known.server, known.data).resumed);
        for (const UnixTime later : {start + 7 * day + 1, start - 1}) {
            clock.time = later;
            const Result result =
                connect_once(backend, known.client_settings, known.server, known.data);
            CHECK(result.established);
            CHECK_FALSE(result.resumed);
        }
    }
}

// Its client has no clock, so that it never finds its data too old, and counts the elapsed time in
// milliseconds: servers of TLS 1.3 compare it.
EACH_BACKEND("a server resumes for a day by the clock it has, and not after a jump") {
    if (!backend.can().resumption) return;
    constexpr std::uint32_t minute = 60'000, hour = 60 * minute;
    constexpr UnixTime today = 1900000000;
    struct Clock {
        UnixTime time; // 0: there is none
        std::uint32_t ticks;
    };
    const struct {
        const char* what;
        Clock before, after;
        std::uint32_t passed; // milliseconds
        bool resumes;
    } rows[] = {
        {"a minute later", {today, 0}, {today + 60, 0}, minute, true},
        {"23 hours later", {today, 0}, {today + 23 * 3600, 0}, 23 * hour, true},
        {"25 hours later", {today, 0}, {today + 25 * 3600, 0}, 25 * hour, false},
        {"two days later", {today, 0}, {today + 48 * 3600, 0}, 48 * hour, false},
        {"the clock was set back", {today, 0}, {today - 60, 0}, minute, false},
        {"the clock was set at last", {0, hour}, {today, hour + minute}, minute, false},
        {"the clock was lost", {today, hour}, {0, hour + minute}, minute, false},
        {"23 hours later, without a clock", {0, hour}, {0, 24 * hour}, 23 * hour, true},
        {"25 hours later, without a clock", {0, hour}, {0, 26 * hour}, 25 * hour, false},
        {"two days later, without a clock", {0, hour}, {0, 49 * hour}, 48 * hour, false},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(row.what));
            TestEnvironment none, clock;
            none.clock_set = false;
            const auto set = [&clock](const Clock& to) {
                clock.clock_set = to.time != 0;
                clock.time = to.time;
                clock.ticks = to.ticks;
            };
            set(row.before);
            Settings client = client_settings(), server = server_settings();
            client.config.policy.check_time = false;
            client.environment = &none.environment;
            server.environment = &clock.environment;
            Acquainted known(backend, version, client, server);
            set(row.after);
            none.ticks += row.passed;
            const Result result =
                connect_once(backend, known.client_settings, known.server, known.data);
            CHECK(result.established);
            CHECK(result.resumed == row.resumes);
        }
}

EACH_BACKEND("devices without a clock connect, resumed or by a full handshake") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend))
        for (const bool client_lacks : {true, false})
            for (const bool server_lacks : {true, false}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(client_lacks);
                CAPTURE(server_lacks);
                TestEnvironment none;
                none.clock_set = false;
                Settings client = client_settings(), server = server_settings();
                client.config.policy.check_time = false;
                if (client_lacks) client.environment = &none.environment;
                if (server_lacks) server.environment = &none.environment;
                Acquainted known(backend, version, client, server);
                const Result result =
                    connect_once(backend, known.client_settings, known.server, known.data);
                CHECK(result.established);
                if (client_lacks == server_lacks) CHECK(result.resumed);
            }
}

EACH_BACKEND("a server's memory for sessions has a limit") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings server = resuming(server_settings(), version);
        server.config.session_cache_size = 512;
        Endpoint server_end(backend, server);
        REQUIRE(server_end.open().code == Err::none);
        const Settings client = resuming(client_settings(), version);
        connect_once(backend, client, server_end, {});
        connect_once(backend, client, server_end, {});
        const std::size_t before = heap::live_blocks();
        Result last;
        for (int i = 0; i < 20; ++i)
            last = connect_once(backend, client, server_end, {});
        CHECK(heap::live_blocks() <= before);
        // The youngest is still there.
        CHECK(connect_once(backend, client, server_end, last.data).resumed);
    }
}

EACH_BACKEND("memory that runs out ends a resumed handshake, and nothing else") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Acquainted known(backend, version);
        Settings client = known.client_settings;
        client.identity.resumption = known.data;
        Endpoint client_end(backend, client);
        REQUIRE(client_end.open().code == Err::none);
        for (std::size_t n = 1; n < 400; n += n < 60 ? 1 : 7) {
            CAPTURE(n);
            OwnedSession first(backend);
            heap::fail_at(n);
            const Err opened = first->open(*client_end.context, client.identity).code;
            heap::fail_never();
            if (opened != Err::none) {
                CHECK(opened == Err::no_memory);
                continue;
            }
            first->release();
            Connection connection(client_end, known.server);
            heap::fail_at(n);
            const bool established = connection.establish();
            const bool spent = heap::allocations() >= n;
            heap::fail_never();
            // The other side may get a cut-off or a wrong message, where memory ran out: a library
            // may go on with keys that it had no memory for.
            const Err errs[] = {connection.client.err(), connection.server.err()};
            for (const int side : {0, 1}) {
                const Err err = errs[side];
                CAPTURE(side);
                CAPTURE(err);
                CHECK((err == Err::none || err == Err::no_memory || err == Err::peer_alert ||
                       err == Err::truncated || err == Err::unexpected_message ||
                       (err == Err::bad_record && errs[1 - side] == Err::no_memory)));
            }
            if (!spent) {
                CHECK(established);
                break;
            }
        }
        CHECK(connect_once(backend, known.client_settings, known.server, known.data).resumed);
    }
}

// --- A stored session never makes things worse. ---

namespace {

// In a row, each with the data that the one before has left.
void resume_in_a_row(Endpoint& client, Endpoint& server, unsigned count) {
    Result last = connect_again(client, server, {});
    REQUIRE(last.established);
    if (last.data.empty()) return; // a client with IDs, a server with tickets
    for (unsigned i = 1; i <= count; ++i) {
        CAPTURE(i);
        last = connect_again(client, server, last.data);
        REQUIRE(last.established);
        REQUIRE(last.resumed);
    }
}

struct Change {
    const char* what;
    void (*client)(Settings&);
    void (*server)(Settings&); // null: the server is unchanged
};

void nothing(Settings&) {}
template<std::uint16_t tls1_2, std::uint16_t tls1_3>
void one_suite(Settings& settings) {
    static const std::uint16_t both[] = {tls1_2, tls1_3}, one[] = {tls1_2};
    settings.config.suites = std::span<const std::uint16_t>(both);
    if (settings.config.max_version == Version::tls1_2) settings.config.suites = one;
}
template<Version version>
void only(Settings& settings) {
    settings.versions(version);
}
template<Version version>
void also(Settings& settings) {
    (version == Version::tls1_2 ? settings.config.min_version : settings.config.max_version) =
        version;
}

// With ECDSA keys: AES-128-GCM and AES-256-GCM.
constexpr Change changes[] = {
    {"nothing", nothing, nullptr},
    {"the server was restarted", nothing, nothing},
    {"the server does not resume any more", nothing,
     [](Settings& s) { s.config.resumption = false; }},
    {"the server's certificate", nothing,
     [](Settings& s) { s.config.credential = credential("direct"); }},
    {"the server's suites", nothing, one_suite<0xc02c, 0x1302>},
    {"the client's suites", one_suite<0xc02c, 0x1302>, nullptr},
    {"the client's suites, and the server was restarted", one_suite<0xc02c, 0x1302>, nothing},
    {"the server's names for protocols", nothing,
     [](Settings& s) {
         static constexpr std::string_view names[] = {"mqtt"};
         s.config.alpn = names;
     }},
    {"the client asks for a protocol",
     [](Settings& s) {
         static constexpr std::string_view names[] = {"mqtt"};
         s.config.alpn = names;
     },
     nullptr},
    {"the server asks for certificates", nothing,
     [](Settings& s) {
         s.config.verify = Verify::optional;
         s.config.trust_anchors = anchors({"ca"});
     }},
    {"the server has TLS 1.2 only", also<Version::tls1_2>, only<Version::tls1_2>},
    {"both have TLS 1.3", also<Version::tls1_3>, also<Version::tls1_3>},
    {"the server has TLS 1.3 only", also<Version::tls1_3>, only<Version::tls1_3>},
    {"both have TLS 1.3 only", only<Version::tls1_3>, only<Version::tls1_3>},
};

} // namespace

EACH_BACKEND("after any change a stored session does no harm, at the latest the second time") {
    if (!backend.can().resumption) return;
    for (const BackendUnderTest& other : backends())
        for (const Version version : versions_of(backend)) {
            if (!other.can().resumption || (version == Version::tls1_3 && !other.can().tls1_3))
                continue;
            CAPTURE(std::string(other.name));
            CAPTURE(std::string(name_of(version)));
            for (const Change& change : changes) {
                CAPTURE(std::string(change.what));
                Settings client = resuming(client_settings(), version),
                         server = resuming(server_settings(), version);
                one_suite<0xc02b, 0x1301>(server);
                Endpoint first(other, server);
                REQUIRE(first.open().code == Err::none);
                const Result known = connect_once(backend, client, first, {});
                REQUIRE(known.established);
                if (known.data.empty()) continue; // a client with IDs, a server with tickets

                server = resuming(server_settings(), version);
                change.client(client);
                if (change.server != nullptr) change.server(server);
                const auto lacks_it = [](const Settings& settings, const BackendUnderTest& end) {
                    return settings.config.max_version == Version::tls1_3 && !end.can().tls1_3;
                };
                if (lacks_it(client, backend) || lacks_it(server, other)) continue;
                Endpoint second(other, server), client_end(backend, client);
                if (change.server == nullptr) {
                    // The unchanged server, with all suites from now on: it has the old keys only
                    // if it is the same context.
                    second.settings = first.settings;
                }
                REQUIRE(client_end.open().code == Err::none);
                if (change.server != nullptr) REQUIRE(second.open().code == Err::none);
                Endpoint& now = change.server != nullptr ? second : first;
                // Without the session, by a context that has not seen it.
                const bool goes = connect_once(backend, client, now, {}).established;
                const Result once = connect_again(client_end, now, known.data);
                if (once.established) continue;
                const Result twice = connect_again(client_end, now, known.data);
                CHECK(twice.established == goes);
                CHECK_FALSE(twice.resumed);
            }
        }
}

EACH_BACKEND("a client resumes 300 times in a row") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Endpoint client(backend, resuming(client_settings(), version)),
            server(backend, resuming(server_settings(), version));
        REQUIRE(client.open().code == Err::none);
        REQUIRE(server.open().code == Err::none);
        resume_in_a_row(client, server, 300);
    }
}

EACH_BACKEND("a client resumes 300 times in a row, with a server of every other backend [long]") {
    if (!backend.can().resumption) return;
    for (const BackendUnderTest& other : backends())
        for (const Version version : versions_of(backend)) {
            if (!other.can().resumption || (version == Version::tls1_3 && !other.can().tls1_3))
                continue;
            CAPTURE(std::string(other.name));
            CAPTURE(std::string(name_of(version)));
            Endpoint client(backend, resuming(client_settings(), version)),
                server(other, resuming(server_settings(), version));
            REQUIRE(client.open().code == Err::none);
            REQUIRE(server.open().code == Err::none);
            resume_in_a_row(client, server, 300);
        }
}

// --- How long a full handshake stays valid. ---

namespace {

constexpr UnixTime minute = 60, hour = 60 * minute, day = 24 * hour;

UnixTime end_of(const std::string& leaf) {
    x509::Certificate certificate{};
    REQUIRE(x509::parse(credential(leaf).chain.front(), certificate));
    return certificate.not_after;
}

} // namespace

EACH_BACKEND("after a server's certificate has expired its sessions are not resumed") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        TestEnvironment clock;
        const UnixTime end = end_of("p256");
        clock.time = end - 3 * day;
        Settings client = client_settings(), server = server_settings();
        client.environment = server.environment = &clock.environment;
        Acquainted known(backend, version, client, server);
        Blob data = known.data;
        for (; clock.time <= end; clock.time += 10 * hour) {
            const Result result = connect_once(backend, known.client_settings, known.server, data);
            REQUIRE(result.established);
            data = result.data;
        }
        const Result late = connect_once(backend, known.client_settings, known.server, data);
        CHECK_FALSE(late.established);
        CHECK(late.client == Err::expired);
    }
}

EACH_BACKEND("after a client's certificate has expired its sessions are not resumed") {
    if (!backend.can().resumption || !backend.can().client_certificates) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        TestEnvironment clock;
        clock.time = end_of("client") - 2 * hour;
        Settings client = client_with("client"), server = asking_server();
        client.config.policy.check_time = false;
        client.environment = server.environment = &clock.environment;
        Acquainted known(backend, version, client, server);
        Blob data = known.data;
        for (int i = 0; i < 3; ++i, clock.time += 30 * minute) {
            const Result result = connect_once(backend, known.client_settings, known.server, data);
            REQUIRE(result.established);
            data = result.data;
        }
        clock.time += hour;
        const Result late = connect_once(backend, known.client_settings, known.server, data);
        CHECK_FALSE(late.resumed);
        CHECK(late.server == Err::expired);
    }
}

EACH_BACKEND("the lifetime counts from the full handshake, not from a resumed one") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend))
        for (const bool client_has_it : {true, false}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(client_has_it);
            TestEnvironment clock;
            clock.time = 1900000000;
            Settings client = client_settings(), server = server_settings();
            client.config.policy.check_time = false;
            client.environment = server.environment = &clock.environment;
            // The other end would accept it for longer.
            client.config.session_lifetime = client_has_it ? 1000 : max_session_lifetime;
            server.config.session_lifetime = client_has_it ? max_session_lifetime : 1000;
            Acquainted known(backend, version, client, server);
            Blob data = known.data;
            for (int round = 0; round < 2; ++round)
                for (int i = 1; i <= 3; ++i) {
                    CAPTURE(round);
                    CAPTURE(i);
                    clock.time += 400;
                    clock.ticks += 400'000;
                    const Result result =
                        connect_once(backend, known.client_settings, known.server, data);
                    CHECK(result.established);
                    CHECK(result.resumed == (i < 3));
                    data = result.data;
                }
        }
}

EACH_BACKEND("a new verify callback prevents resumption, unless its version is the same") {
    if (!backend.can().resumption || !backend.can().verify_callback) return;
    const auto with = [](std::string_view version) {
        Settings settings = client_settings();
        settings.config.verify_callback = {
            nullptr, [](void*, Bytes, unsigned, Err verdict) { return verdict == Err::none; },
            as_bytes(version)};
        return settings;
    };
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Endpoint server(backend, resuming(server_settings(), version));
        REQUIRE(server.open().code == Err::none);
        // Without a version: in its own context, and in no other.
        Endpoint client(backend, resuming(with({}), version));
        REQUIRE(client.open().code == Err::none);
        const Result first = connect_again(client, server, {});
        const Result again = connect_again(client, server, first.data);
        CHECK(again.resumed);
        CHECK_FALSE(connect_once(backend, client.settings, server, again.data).resumed);
        // With one.
        const Settings one = resuming(with("1"), version), two = resuming(with("2"), version);
        const Result said = connect_once(backend, one, server, {});
        CHECK_FALSE(connect_once(backend, two, server, said.data).resumed);
        CHECK_FALSE(connect_once(backend, client.settings, server, said.data).resumed);
        CHECK(connect_once(backend, one, server, said.data).resumed);
    }
}

// --- Keys of tickets. ---

EACH_BACKEND(
    "servers with the same key resume each other's sessions, if they have the same rules") {
    if (!backend.can().ticket_keys) return;
    static const std::uint8_t one[32] = {1}, two[32] = {2}, three[32] = {3};
    static const Bytes only_one[] = {Bytes{one}}, two_and_one[] = {Bytes{two}, Bytes{one}},
                       only_three[] = {Bytes{three}};
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings server = server_settings();
        server.config.ticket_keys = only_one;
        Acquainted known(backend, version, client_settings(), server);
        const struct {
            const char* what;
            std::span<const Bytes> keys;
            void (*change)(Settings&);
            bool resumes;
        } rows[] = {
            {"the same", only_one, nothing, true},
            {"another certificate", only_one,
             [](Settings& s) { s.config.credential = credential("direct"); }, true},
            {"a newer key before it", two_and_one, nothing, true},
            {"another key", only_three, nothing, false},
            {"none", {}, nothing, false},
            {"other rules", only_one,
             [](Settings& s) {
                 s.config.verify = Verify::optional;
                 s.config.trust_anchors = anchors({"ca"});
             },
             false},
        };
        for (const auto& row : rows) {
            CAPTURE(std::string(row.what));
            Settings settings = resuming(server_settings(), version);
            settings.config.ticket_keys = row.keys;
            row.change(settings);
            Endpoint other(backend, settings);
            REQUIRE(other.open().code == Err::none);
            const Result result = connect_once(backend, known.client_settings, other, known.data);
            CHECK(result.established);
            CHECK(result.resumed == row.resumes);
        }
        // New tickets use the first one.
        Settings both = resuming(server_settings(), version);
        both.config.ticket_keys = two_and_one;
        Endpoint other(backend, both);
        REQUIRE(other.open().code == Err::none);
        const Result newest = connect_once(backend, known.client_settings, other, {});
        CHECK_FALSE(
            connect_once(backend, known.client_settings, known.server, newest.data).resumed);
    }
}

EACH_BACKEND("a context renews its own ticket keys, and accepts the old one for a lifetime") {
    if (!backend.can().ticket_keys) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        TestEnvironment clock;
        clock.time = 1900000000;
        Settings client = client_settings(), server = server_settings();
        client.config.policy.check_time = false;
        client.environment = server.environment = &clock.environment;
        server.config.session_lifetime = 1000;
        Acquainted known(backend, version, client, server);
        const auto pass = [&clock](std::uint32_t seconds) {
            clock.time += seconds;
            clock.ticks += 1000 * seconds;
        };
        const auto connect = [&](Bytes data) {
            return connect_once(backend, known.client_settings, known.server, data);
        };
        pass(900);
        const Result late = connect({}); // with the first key still
        CHECK(connect(known.data).resumed);
        pass(200);
        CHECK_FALSE(connect(known.data).resumed); // which replaces it by the second one
        CHECK(connect(late.data).resumed);
        pass(700);
        CHECK(connect(late.data).resumed);
        pass(200);
        CHECK_FALSE(connect(late.data).resumed);
        pass(5000); // nobody came
        const Result next = connect({});
        CHECK(connect(next.data).resumed);
    }
}
