// The longest record that each end announces (RFC 8449), and what the other end makes of it.
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/wire.hpp"
#include "ussl/features.hpp"

#include <algorithm>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr unsigned application_data = 23, change_cipher_spec = 20;
constexpr std::uint16_t limits[] = {64, 65, 100, 511, 512, 1000, 2048};
constexpr unsigned client_hello = 1, server_hello = 2;
constexpr unsigned build_limit = USSL_RECORD_INPUT;

Settings limited(Settings settings, std::uint16_t limit, Version version) {
    if (version != Version::none) settings.versions(version);
    settings.config.record_size_limit = limit;
    return settings;
}

// What encryption adds to the longest record of plain bytes with the tests' usual suites.
std::size_t overhead(Version version) { return version == Version::tls1_3 ? 1 + 16 : 8 + 16; }

// Of one direction: the longest encrypted record so far.
class Watched {
public:
    explicit Watched(Version version) : tls1_3_(version == Version::tls1_3) {}

    void see(Pipe& pipe) {
        const std::string bytes = pipe.take();
        for (const raw::Record& record : raw::records_of(bytes)) {
            const bool protected_here = tls1_3_ ? record.type == application_data : changed_;
            if (protected_here) longest = std::max(longest, record.body.size());
            changed_ = changed_ || record.type == change_cipher_spec;
        }
        pipe.inject(as_bytes(bytes));
    }

    std::size_t longest = 0;

private:
    bool tls1_3_, changed_ = false;
};

// A connection whose records are watched from the first one on.
struct WatchedConnection {
    Connection connection;
    Watched to_server, to_client;

    WatchedConnection(OpenEnds& ends, Version version)
        : connection(ends.client, ends.server), to_server(version), to_client(version) {}

    bool establish() {
        bool done = false;
        for (int i = 0; i < 200 && !done; ++i) {
            const Status client = connection.client.pump.handshake().status;
            to_server.see(connection.to_server);
            const Status server = connection.server.pump.handshake().status;
            to_client.see(connection.to_client);
            done = client == Status::ok && server == Status::ok;
        }
        return done;
    }

    // Both ends send `text`, and get it.
    void talk(const std::string& text) {
        connection.client.read_all();
        connection.server.read_all();
        connection.client.received.clear();
        connection.server.received.clear();
        CHECK(connection.client.write(text) == text.size());
        to_server.see(connection.to_server);
        CHECK(connection.server.read_all() == Status::want_read);
        CHECK(connection.server.received == text);
        CHECK(connection.server.write(text) == text.size());
        to_client.see(connection.to_client);
        CHECK(connection.client.read_all() == Status::want_read);
        CHECK(connection.client.received == text);
    }
};

// The extensions of the hello of this type in `bytes`; of a ServerHello, those of TLS 1.2.
std::string extensions_of(const std::string& bytes, unsigned type) {
    for (const raw::Record& record : raw::records_of(bytes)) {
        WireReader in(as_bytes(record.body));
        if (in.number(1) != type) continue;
        in.bytes(3 + 2 + 32);
        in.vector(1);
        if (type == client_hello) {
            in.vector(2);
            in.vector(1);
        } else {
            in.bytes(2 + 1);
        }
        const Bytes list = in.vector(2);
        return {reinterpret_cast<const char*>(list.data()), list.size()};
    }
    return {};
}

// The number in the extension; 0: there is none.
unsigned announced(const std::string& extensions) {
    Bytes data;
    if (!find_extension(as_bytes(extensions), extension_type::record_size_limit, data)) return 0;
    REQUIRE(data.size() == 2);
    return number16(data.data());
}

// A client of TLS 1.2 that got a ServerHello with `extensions`.
struct Answered {
    Endpoint end;
    Pipe out, in;
    Side side;
    Status status;

    Answered(const BackendUnderTest& backend, const std::string& extensions, bool with_both)
        : end(backend, limited(client_settings(), 512, Version::tls1_2)), side(backend, out, in) {
        if (with_both) end.settings.config.max_fragment_length = 512;
        REQUIRE(end.open().code == Err::none);
        REQUIRE(side.session->open(*end.context, end.settings.identity).code == Err::none);
        side.pump.handshake();
        in.inject(as_bytes(
            raw::server_hello(0x0303, 0xc02b, 0, raw::extension(0xff01, raw::u8(0)) + extensions)));
        status = side.pump.handshake().status;
    }
    // The last alert that was sent in plain text.
    unsigned alert() {
        const std::string sent = out.take();
        unsigned found = 0;
        for (const raw::Record& record : raw::records_of(sent))
            if (record.type == 21) found = static_cast<unsigned char>(record.body.back());
        return found;
    }
};

// Whether the backend keeps a limit of the peer, also in a handshake with certificates.
bool is_kept(const BackendUnderTest& backend, std::size_t limit, Version version) {
    return limit >= 512 || !differs(backend, Difference::limits_from_512_bytes, version);
}

std::string limit_extension(unsigned limit) { return raw::extension(28, raw::u16(limit)); }

} // namespace

EACH_BACKEND("no record is longer than the peer's limit, in any version, of any end") {
    if (!backend.can().record_size_limit) return;
    const std::string text(3000, 't');
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server})
            for (const std::uint16_t limit : limits) {
                if (limit > build_limit || !is_kept(backend, limit, version)) continue;
                CAPTURE(std::string(name_of(version)));
                CAPTURE(role == Role::client);
                CAPTURE(limit);
                // Both send certificates, and the server tickets.
                Settings client = client_with("client"), server = asking_server();
                client.versions(version), server.versions(version);
                client.config.resumption = server.config.resumption = backend.can().resumption;
                (role == Role::client ? client : server).config.record_size_limit = limit;
                OpenEnds ends(backend, client, server);
                WatchedConnection watched(ends, version);
                REQUIRE(watched.establish());
                watched.talk(text);
                const std::size_t most = limit + overhead(version);
                const Watched& in = role == Role::client ? watched.to_client : watched.to_server;
                CHECK(in.longest <= most);
                CHECK(in.longest > most - 20); // and it is used
                const Watched& out = role == Role::client ? watched.to_server : watched.to_client;
                CHECK(out.longest >= std::min<std::size_t>(text.size(), USSL_RECORD_OUTPUT));
                CHECK(watched.connection.client.session->max_fragment_length() == limit);
                CHECK(watched.connection.server.session->max_fragment_length() == limit);
            }
}

EACH_BACKEND("each end has its own limit") {
    if (!backend.can().record_size_limit) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        OpenEnds ends(backend, limited(client_settings(), 600, version),
                      limited(server_settings(), 128, version));
        WatchedConnection watched(ends, version);
        REQUIRE(watched.establish());
        watched.talk(std::string(1000, 't'));
        CHECK(watched.to_client.longest <= 600 + overhead(version));
        CHECK(watched.to_client.longest > 568);
        CHECK(watched.to_server.longest <= 128 + overhead(version));
        CHECK(watched.to_server.longest > 112);
        CHECK(watched.connection.client.session->max_fragment_length() == 128);
    }
}

// The content type counts in TLS 1.3. A client that offers TLS 1.2 as well does not count it, as
// its buffer may have no room for another plain byte.
EACH_BACKEND("clients announce their limit, or the build's") {
    if (!backend.can().record_size_limit) return;
    const bool both = backend.can().tls1_3;
    const struct {
        std::uint16_t limit;
        Version version;
        unsigned announced;
    } rows[] = {
        {512, Version::tls1_2, 512},
        {512, Version::tls1_3, 513},
        {512, Version::none, 512},
        {0, Version::tls1_2, build_limit},
        {0, Version::tls1_3, build_limit + 1},
        {0, Version::none, build_limit + (both && build_limit == 16384)},
    };
    for (const auto& row : rows) {
        if (row.version == Version::tls1_3 && !both) continue;
        CAPTURE(row.limit);
        CAPTURE(std::string(name_of(row.version)));
        Endpoint end(backend, limited(client_settings(), row.limit, row.version));
        REQUIRE(end.open().code == Err::none);
        Pipe out, in;
        Side side(backend, out, in);
        REQUIRE(side.session->open(*end.context, end.settings.identity).code == Err::none);
        side.pump.handshake();
        CHECK(announced(extensions_of(out.take(), client_hello)) == row.announced);
    }
}

EACH_BACKEND("servers announce theirs to clients that do") {
    if (!backend.can().record_size_limit) return;
    const bool fragments_first = differs(backend, Difference::fragments_before_limits);
    const std::string reneg = raw::extension(0xff01, raw::u8(0));
    const struct {
        const char* what;
        std::string extensions;
        std::uint16_t limit;
        unsigned announced;
        bool fragments; // max_fragment_length is granted
    } rows[] = {
        {"no limit", {}, 512, 0, false},
        {"a limit", limit_extension(1000), 512, 512, false},
        {"the least", limit_extension(64), 0, build_limit, false},
        {"of TLS 1.3", limit_extension(16385), 0, build_limit, false},
        {"of no version", limit_extension(65535), 512, 512, false},
        {"fragments", raw::extension(1, raw::u8(1)), 512, 0, backend.can().max_fragment_length},
        {"both", raw::extension(1, raw::u8(1)) + limit_extension(1000), 512,
         fragments_first ? 0u : 512u, fragments_first},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        Endpoint end(backend, limited(server_settings(), row.limit, Version::tls1_2));
        REQUIRE(end.open().code == Err::none);
        Pipe out, in;
        Side side(backend, out, in);
        REQUIRE(side.session->open(*end.context, end.settings.identity).code == Err::none);
        in.inject(as_bytes(raw::client_hello(0x0303, raw::u16(0xc02b),
                                             raw::usual_extensions() + reneg + row.extensions)));
        CHECK(side.pump.handshake().status == Status::want_read);
        const std::string answer = extensions_of(out.take(), server_hello);
        Bytes data;
        CHECK(announced(answer) == row.announced);
        CHECK(find_extension(as_bytes(answer), extension_type::max_fragment_length, data) ==
              row.fragments);
    }
}

EACH_BACKEND("a ServerHello's limit that the RFC forbids is refused") {
    if (!backend.can().record_size_limit) return;
    const std::string fragments = raw::extension(1, raw::u8(1));
    const struct {
        const char* what;
        std::string extensions;
        unsigned alert; // 0: it is accepted
    } rows[] = {
        {"none", {}, 0},
        {"the least", limit_extension(64), 0},
        {"one less", limit_extension(63), 47},
        {"zero", limit_extension(0), 47},
        {"a number of no version", limit_extension(65535), 0},
        {"no number", raw::extension(28, {}), 50},
        {"half a number", raw::extension(28, raw::u8(64)), 50},
        {"more than a number", raw::extension(28, raw::u16(512) + raw::u8(0)), 50},
        {"twice", limit_extension(512) + limit_extension(512), 50},
        {"both extensions", fragments + limit_extension(512), 47},
        {"both, the other way round", limit_extension(512) + fragments, 47},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const bool with_both = row.extensions.find(fragments) != std::string::npos;
        if (with_both && !backend.can().max_fragment_length) continue;
        Answered client(backend, row.extensions, with_both);
        CHECK(client.status == (row.alert == 0 ? Status::want_read : Status::failed));
        CHECK(client.side.err() == (row.alert == 0 ? Err::none : Err::bad_message));
        CHECK(client.alert() == row.alert);
    }
}

EACH_BACKEND("a longer record is record_too_large, and the peer hears why") {
    if (!backend.can().record_size_limit) return;
    constexpr std::uint16_t limit = 600;
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server})
            for (const bool longer : {false, true}) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(role == Role::client);
                CAPTURE(longer);
                const bool client = role == Role::client;
                OpenEnds ends(backend, limited(client_settings(), client ? limit : 0, version),
                              limited(server_settings(), client ? 0 : limit, version));
                Connection link(ends.client, ends.server);
                REQUIRE(link.establish());
                link.client.read_all();
                Side& own = client ? link.client : link.server;
                Side& peer = client ? link.server : link.client;
                Pipe& pipe = client ? link.to_client : link.to_server;
                pipe.inject(as_bytes(raw::record(
                    application_data, std::string(limit + overhead(version) + longer, 'x'))));
                CHECK(own.read_all() == Status::failed);
                CHECK(own.err() == (longer ? Err::record_too_large : Err::bad_record));
                own.pump.flush();
                CHECK(peer.read_all() == Status::failed);
                CHECK(peer.session->error().alert ==
                      static_cast<int>(longer ? Alert::record_overflow : Alert::bad_record_mac));
            }
}

EACH_BACKEND("a resumed session has the limits of its own hellos") {
    if (!backend.can().record_size_limit || !backend.can().resumption) return;
    const struct {
        std::uint16_t before, now;
    } rows[] = {{512, 512}, {512, 1000}, {1000, 512}, {512, 0}, {0, 512}};
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.before);
            CAPTURE(row.now);
            Endpoint server(backend, resuming(server_settings(), version));
            Endpoint before(backend,
                            limited(resuming(client_settings(), version), row.before, version));
            Endpoint now(backend, limited(resuming(client_settings(), version), row.now, version));
            for (Endpoint* end : {&server, &before, &now})
                REQUIRE(end->open().code == Err::none);
            Connection first(before, server);
            REQUIRE(first.establish());
            CHECK(first.server.write("hello") == 5);
            CHECK(first.client.read_all() == Status::want_read);
            const auto data = stored(*first.client.session);
            REQUIRE_FALSE(data.empty());
            PeerIdentity identity = now.settings.identity;
            identity.resumption = data;
            Connection second(now, server, identity);
            REQUIRE(second.establish());
            CHECK(second.client.session->is_resumed());
            const std::size_t limit = row.now != 0 ? row.now : build_limit;
            CHECK(second.client.session->max_fragment_length() == limit);
            CHECK(second.server.session->max_fragment_length() == limit);
        }
}

EACH_BACKEND("a client with both settings negotiates one of them") {
    if (!backend.can().record_size_limit || !backend.can().max_fragment_length) return;
    for (const Version version : versions_of(backend)) {
        if (version == Version::tls1_3 && !backend.can().max_fragment_length_tls1_3) continue;
        CAPTURE(std::string(name_of(version)));
        Settings client = limited(client_settings(), 600, version);
        client.config.max_fragment_length = 1024;
        OpenEnds ends(backend, client, server_settings().versions(version));
        Connection link(ends.client, ends.server);
        REQUIRE(link.establish());
        const std::size_t agreed =
            differs(backend, Difference::fragments_before_limits) ? 1024 : 600;
        CHECK(link.client.session->max_fragment_length() == agreed);
        CHECK(link.server.session->max_fragment_length() == agreed);
    }
}

EACH_BACKEND("limits that the build lacks are unsupported, limits that the RFC lacks invalid") {
    for (const Settings& base : {client_settings(), server_settings()})
        for (const int limit : {1, 63, 64, 16384, 16385, 65535}) {
            CAPTURE(limit);
            Endpoint end(backend, limited(base, static_cast<std::uint16_t>(limit), Version::none));
            const Err expected = !backend.can().record_size_limit ? Err::unsupported
                                 : limit < 64 || limit > 16384    ? Err::invalid_argument
                                 : static_cast<unsigned>(limit) > build_limit ? Err::unsupported
                                                                              : Err::none;
            CHECK(end.open().code == expected);
        }
}
