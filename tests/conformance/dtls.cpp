// DTLS 1.2 (RFC 6347) over a network that loses, duplicates, delays, reorders and damages
// datagrams, with a clock that the test moves.
#include "support/datagrams.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/heap.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/suites.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

EACH_BACKEND("a context for datagrams opens if the backend has DTLS, else it is unsupported") {
    TestEnvironment device;
    for (Settings settings : {client_settings(), server_settings()}) {
        settings.config.datagram = true;
        settings.environment = &device.environment;
        const Err expected = backend.can().dtls ? Err::none : Err::unsupported;
        {
            Endpoint endpoint(backend, settings);
            CHECK(endpoint.open().code == expected);
        }
        if (!backend.can().dtls) continue;
        settings.config.max_version = Version::tls1_2;
        {
            Endpoint endpoint(backend, settings);
            CHECK(endpoint.open().code == Err::none);
        }
        settings.config.min_version = settings.config.max_version = Version::tls1_3;
        if (backend.can().tls1_3) {
            Endpoint endpoint(backend, settings);
            CHECK(endpoint.open().code == Err::invalid_argument);
        }
        settings.config.min_version = settings.config.max_version = Version::none;
        device.environment.milliseconds = nullptr;
        Endpoint endpoint(backend, settings);
        CHECK(endpoint.open().code == Err::unsupported);
        device.environment.milliseconds = TestEnvironment().environment.milliseconds;
    }
}

EACH_BACKEND("a DTLS server's session needs its client's address") {
    if (!backend.can().dtls) return;
    TestEnvironment device;
    Settings settings = server_settings();
    settings.config.datagram = true;
    settings.environment = &device.environment;
    Endpoint server(backend, settings);
    REQUIRE(server.open().code == Err::none);
    OwnedSession session(backend);
    const std::string longest(max_client_id, 'a'), too_long(max_client_id + 1, 'a');
    CHECK(session->open(*server.context, {}).code == Err::invalid_argument);
    PeerIdentity peer;
    peer.client_id = as_bytes(too_long);
    CHECK(session->open(*server.context, peer).code == Err::invalid_argument);
    peer.client_id = as_bytes(longest);
    CHECK(session->open(*server.context, peer).code == Err::none);
}

EACH_BACKEND("datagrams: every kind of key, with a client certificate and without") {
    if (!backend.can().dtls) return;
    for (const char* leaf : {"p256", "p384-chain", "rsa-chain"})
        for (const bool mutual : {false, true}) {
            if (!backend.can().rsa && std::string_view(leaf) == "rsa-chain") continue;
            if (!backend.can().ecdsa_p384 && std::string_view(leaf) == "p384-chain") continue;
            CAPTURE(std::string(leaf));
            CAPTURE(mutual);
            Settings server = mutual ? asking_server() : server_settings();
            server.config.credential = credential(leaf);
            Datagrams net(backend, mutual ? client_with("client") : client_settings(), server);
            REQUIRE(net.establish());
            CHECK(net.client->version() == Version::tls1_2);
            CHECK(net.server->version() == Version::tls1_2);
            CHECK(net.client->suite() == net.server->suite());
            CHECK(net.client->timeout() == no_timeout);
            CHECK(net.to_client.largest <= largest_datagram);
            CHECK(net.to_server.largest <= largest_datagram);
            net.check_talk();
        }
}

EACH_BACKEND("datagrams: certificates get the same verdicts as over streams") {
    if (!backend.can().dtls) return;
    const struct {
        const char* leaf;
        Err verdict;
    } rows[] = {{"wronghost", Err::wrong_host},
                {"expired", Err::expired},
                {"untrusted", Err::untrusted},
                {"clientonly", Err::wrong_purpose}};
    for (const auto& row : rows) {
        CAPTURE(std::string(row.leaf));
        Datagrams net(backend, client_settings(), server_settings(row.leaf));
        CHECK_FALSE(net.establish());
        CHECK(net.client->error().code == row.verdict);
        CHECK_FALSE(net.client->is_established());
    }
    Datagrams net(backend, client_settings(), asking_server());
    CHECK_FALSE(net.establish());
    CHECK(net.server->error().code == Err::no_peer_certificate);
}

EACH_BACKEND("a DTLS server requests a cookie first, and accepts it only from the same client") {
    if (!backend.can().dtls) return;
    Datagrams net(backend);
    Session &client = *net.client, &server = *net.server;
    const auto shake = [](Session& session, Air& out) {
        return Datagrams::work(session, out, [&] { return session.handshake(); });
    };
    CHECK(shake(client, net.to_server) == Status::want_read);
    CHECK(shake(server, net.to_client) == Status::want_read);
    REQUIRE(net.to_server.under_way.size() == 1);
    const std::size_t hello = net.to_server.under_way[0].size();
    CHECK(Datagrams::receive(server, net.to_server));
    CHECK(shake(server, net.to_client) == Status::want_read);
    // RFC 6347, 4.2.1: the answer is no larger than the request, so that nobody can be flooded
    // through us.
    REQUIRE(net.to_client.under_way.size() == 1);
    CHECK(net.to_client.under_way[0].size() < hello);
    constexpr std::size_t record_header = RecordHeader::datagram_size;
    constexpr std::uint8_t hello_verify_request = 3;
    CHECK(net.to_client.under_way[0][record_header] == hello_verify_request);
    // Its version is DTLS 1.0, whatever is negotiated later.
    CHECK(number16(&net.to_client.under_way[0][record_header + message_header_size(true)]) ==
          dtls1_0_on_wire);

    CHECK(Datagrams::receive(client, net.to_client));
    CHECK(shake(client, net.to_server) == Status::want_read);
    REQUIRE(net.to_server.under_way.size() == 1);
    // The cookie from another address: that address gets a cookie of its own, and nothing else.
    OwnedSession other(backend);
    PeerIdentity elsewhere;
    elsewhere.client_id = as_bytes(other_address);
    REQUIRE(other->open(*net.server_end.context, elsewhere).code == Err::none);
    Air to_other, from_other;
    to_other.under_way = net.to_server.under_way;
    CHECK(shake(*other, from_other) == Status::want_read);
    CHECK(Datagrams::receive(*other, to_other));
    CHECK(shake(*other, from_other) == Status::want_read);
    REQUIRE(from_other.under_way.size() == 1);
    CHECK(from_other.under_way[0][record_header] == hello_verify_request);
    // The right address continues.
    CHECK(net.establish());
    net.check_talk();
}

EACH_BACKEND("any lost datagram of a handshake is sent again") {
    if (!backend.can().dtls) return;
    for (const bool lose_to_server : {true, false})
        for (std::size_t lost = 0; lost < 8; ++lost) {
            CAPTURE(lose_to_server);
            CAPTURE(lost);
            Datagrams net(backend, client_with("client"), asking_server());
            (lose_to_server ? net.to_server : net.to_client).fate = lose_only(lost);
            CHECK(net.establish());
            net.to_server.fate = net.to_client.fate = nullptr;
            net.check_talk();
        }
}

EACH_BACKEND("duplicate datagrams, and datagrams that arrive early") {
    if (!backend.can().dtls) return;
    for (const auto fate : {twice, overtake}) {
        Datagrams net(backend, client_with("client"), asking_server());
        net.to_server.fate = net.to_client.fate = fate;
        CHECK(net.establish());
        net.to_server.fate = net.to_client.fate = nullptr;
        net.to_server.under_way.clear();
        net.to_client.under_way.clear();
        net.check_talk();
    }
}

EACH_BACKEND("a bad network: every fifth datagram is lost, others arrive twice, late or damaged") {
    if (!backend.can().dtls) return;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937 chance(seed);
        const auto fate = [&chance](Air& air, std::size_t n, Datagram datagram) {
            switch (chance() % 10) {
            case 0:
            case 1: return lose(air, n, std::move(datagram));
            case 2: return twice(air, n, std::move(datagram));
            case 3: return overtake(air, n, std::move(datagram));
            case 4: datagram[chance() % datagram.size()] ^= 0x10; [[fallthrough]];
            default: return deliver(air, n, std::move(datagram));
            }
        };
        Settings client = client_settings(), server = server_settings();
        client.config.handshake_timeout = server.config.handshake_timeout = 250'000;
        Datagrams net(backend, client, server);
        net.to_server.fate = net.to_client.fate = fate;
        // Damage to a plain handshake message may end the handshake, with an error or by the time
        // limit.
        if (!net.establish()) {
            CHECK((net.client->error().code != Err::none || net.server->error().code != Err::none));
            continue;
        }
        net.to_server.fate = net.to_client.fate = nullptr;
        net.to_server.under_way.clear();
        net.to_client.under_way.clear();
        net.check_talk();
    }
}

EACH_BACKEND("invalid datagrams are dropped silently") {
    if (!backend.can().dtls) return;
    const std::vector<Datagram> junk = {
        {0},
        Datagram(13, 0),
        Datagram(200, 0xff),
        {22, 3, 3, 0, 5, 1, 2, 3, 4, 5},                         // a record of TLS
        {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0xff, 0xff, 1}, // longer than its datagram
        {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 3, 1, 2, 3}, // of the next epoch, unprotected
    };
    Datagrams net(backend);
    const auto disturb = [&] {
        for (const Datagram& datagram : junk) {
            net.to_server.under_way.push_front(datagram);
            net.to_client.under_way.push_front(datagram);
        }
    };
    disturb();
    CHECK(net.establish());
    disturb();
    net.check_talk();

    // A record with damaged protection, and a repeated one.
    std::string at_server;
    std::vector<Datagram> seen;
    net.to_server.fate = [&seen](Air& air, std::size_t n, Datagram datagram) {
        Datagram spoiled = datagram;
        spoiled.back() ^= 1;
        air.under_way.push_back(std::move(spoiled));
        seen.push_back(datagram);
        deliver(air, n, datagram);
        deliver(air, n, std::move(datagram));
    };
    CHECK(net.write(*net.client, net.to_server, "once") == 4);
    net.talk(nullptr, &at_server);
    CHECK(at_server == "|once");
    for (const Datagram& datagram : seen)
        net.to_server.under_way.push_back(datagram);
    net.talk(nullptr, &at_server);
    CHECK(at_server == "|once");
    net.to_server.fate = nullptr;
    net.check_talk();
}

EACH_BACKEND("each write is a datagram, and each read is one") {
    if (!backend.can().dtls) return;
    Datagrams net(backend);
    REQUIRE(net.establish());
    for (const char* text : {"a", "bc", "def"})
        net.write(*net.client, net.to_server, text);
    CHECK(net.to_server.under_way.size() == 3);
    std::swap(net.to_server.under_way[0], net.to_server.under_way[2]);
    std::string at_server;
    net.talk(nullptr, &at_server);
    CHECK(at_server == "|def|bc|a");

    // Several records in a datagram (RFC 6347, 4.1.1): poll reports the next one.
    for (const char* text : {"one", "two", "three"})
        net.write(*net.client, net.to_server, text);
    auto& under_way = net.to_server.under_way;
    for (; under_way.size() > 1; under_way.erase(under_way.begin() + 1))
        under_way[0].insert(under_way[0].end(), under_way[1].begin(), under_way[1].end());
    REQUIRE(Datagrams::receive(*net.server, net.to_server));
    for (const std::string_view text : {"one", "two", "three"}) {
        CHECK(net.server->can_read());
        CHECK(net.server->readable() == text.size());
        // Bytes that do not fit are dropped.
        std::uint8_t buffer[4];
        const IoResult got = net.server->read(buffer);
        CHECK(got.status == Status::ok);
        CHECK(equal({buffer, got.bytes}, as_bytes(text.substr(0, 4))));
    }
    CHECK_FALSE(net.server->can_read());
    net.check_talk();
}

EACH_BACKEND("a write is a datagram, or an error that changes nothing") {
    if (!backend.can().dtls) return;
    for (const std::uint16_t size : std::initializer_list<std::uint16_t>{0, 256, 1400, 9000}) {
        CAPTURE(size);
        Settings client = client_settings();
        client.config.datagram_size = size;
        Datagrams net(backend, client, server_settings());
        REQUIRE(net.establish());
        net.check_talk();
        const std::size_t most = net.client->max_fragment_length();
        const std::size_t whole = size == 0 ? 1232 : size;
        const std::size_t less =
            whole > 256 && differs(backend, Difference::datagrams_hold_less) ? 12 : 0;
        CHECK(most == whole - 13 - 24 - less);
        net.to_server.largest = 0;
        const std::string text(most, 'x');
        CHECK(net.write(*net.client, net.to_server, text) == most);
        CHECK(net.to_server.largest == whole - less);
        const std::string more = text + "x";
        CHECK(net.client->write(as_bytes(more)).status == Status::failed);
        CHECK(net.client->error().code == Err::datagram_too_large);
        CHECK(net.client->output().empty());
        CHECK(net.write(*net.client, net.to_server, "") == 0);
        CHECK(net.client->error().code == Err::none);
        std::string at_server;
        std::uint8_t buffer[9000];
        REQUIRE(Datagrams::receive(*net.server, net.to_server));
        CHECK(net.server->read(buffer).bytes == most);
        net.check_talk();
    }
}

EACH_BACKEND("close_notify arrives in a datagram") {
    if (!backend.can().dtls) return;
    Datagrams net(backend);
    REQUIRE(net.establish());
    CHECK(Datagrams::work(*net.client, net.to_server, [&] { return net.client->close(); }) ==
          Status::ok);
    CHECK(Datagrams::read_all(*net.server, net.to_client, nullptr) == Status::want_read);
    REQUIRE(Datagrams::receive(*net.server, net.to_server));
    CHECK(Datagrams::read_all(*net.server, net.to_client, nullptr) == Status::closed);
}

EACH_BACKEND("the retransmission interval grows, until the deadline") {
    if (!backend.can().dtls) return;
    Settings settings = client_settings();
    settings.config.handshake_timeout = 20'000;
    Datagrams net(backend, settings, server_settings());
    net.to_server.fate = lose;
    const auto shake = [&net] {
        return Datagrams::work(*net.client, net.to_server, [&] { return net.client->handshake(); });
    };
    std::size_t sent = 0;
    std::uint32_t last = 0, gone = 0;
    Status status = shake();
    while (status == Status::want_read) {
        CHECK(net.to_server.sent > sent);
        sent = net.to_server.sent;
        const std::uint32_t wait = net.client->timeout();
        REQUIRE(wait != no_timeout);
        REQUIRE(wait != 0);
        // The interval doubles (RFC 6347, 4.2.4.1), until the deadline comes first.
        if (gone + wait < 20'000) CHECK(wait >= 2 * last);
        last = wait;
        // Nothing is sent early.
        net.device.ticks += wait - 1;
        CHECK(shake() == Status::want_read);
        CHECK(net.to_server.sent == sent);
        net.device.ticks += 1;
        gone += wait;
        status = shake();
    }
    CHECK(status == Status::failed);
    CHECK(net.client->error().code == Err::handshake_timeout);
    CHECK(gone == 20'000);
    CHECK(sent >= 4);
}

EACH_BACKEND("pre-shared keys over datagrams") {
    if (!backend.can().dtls || !backend.can().psk) return;
    Settings client, server;
    client.config.role = Role::client;
    client.config.psk = {as_bytes("sensor"), as_bytes("0123456789abcdef")};
    server.config.role = Role::server;
    server.config.psk_callback = {nullptr, [](void*, Bytes identity, Bytes* key) {
                                      *key = as_bytes("0123456789abcdef");
                                      return equal(identity, as_bytes("sensor"));
                                  }};
    Datagrams net(backend, client, server);
    CHECK(net.establish());
    net.check_talk();
}

EACH_BACKEND("any lost datagram of a handshake with pre-shared keys is sent again") {
    if (!backend.can().dtls || !backend.can().psk) return;
    for (const bool lose_to_server : {true, false})
        for (std::size_t lost = 0; lost < 4; ++lost) {
            CAPTURE(lose_to_server);
            CAPTURE(lost);
            Settings client, server;
            client.config.role = Role::client;
            client.config.psk = {as_bytes("sensor"), as_bytes("0123456789abcdef")};
            server.config.role = Role::server;
            server.config.psk_callback = {nullptr, [](void*, Bytes, Bytes* key) {
                                              *key = as_bytes("0123456789abcdef");
                                              return true;
                                          }};
            Datagrams net(backend, client, server);
            (lose_to_server ? net.to_server : net.to_client).fate = lose_only(lost);
            CHECK(net.establish());
            net.to_server.fate = net.to_client.fate = nullptr;
            net.check_talk();
        }
}

EACH_BACKEND("resumption over datagrams, with any datagram lost") {
    if (!backend.can().dtls || !backend.can().resumption) return;
    Settings client_config = client_settings(), server_config = server_settings();
    client_config.config.resumption = server_config.config.resumption = true;
    Datagrams net(backend, client_config, server_config);
    REQUIRE(net.establish());
    CHECK_FALSE(net.client->is_resumed());
    net.check_talk();
    const std::vector<std::uint8_t> data = stored(*net.client);
    REQUIRE_FALSE(data.empty());
    for (const bool lose_to_server : {true, false})
        for (std::size_t lost = 0; lost < 4; ++lost) {
            CAPTURE(lose_to_server);
            CAPTURE(lost);
            net.client->release();
            net.server->release();
            net.to_server.under_way.clear();
            net.to_client.under_way.clear();
            PeerIdentity peer = net.client_end.settings.identity;
            peer.resumption = data;
            REQUIRE(net.client->open(*net.client_end.context, peer).code == Err::none);
            REQUIRE(
                net.server->open(*net.server_end.context, net.server_end.settings.identity).code ==
                Err::none);
            const std::size_t first = (lose_to_server ? net.to_server : net.to_client).sent;
            (lose_to_server ? net.to_server : net.to_client).fate =
                [lost, first](Air& air, std::size_t n, Datagram datagram) {
                    (n == first + lost ? lose : deliver)(air, n, std::move(datagram));
                };
            CHECK(net.establish());
            net.to_server.fate = net.to_client.fate = nullptr;
            CHECK(net.client->is_resumed());
            CHECK(net.server->is_resumed());
            net.check_talk();
        }
}

namespace {

// The types of the extensions of a ClientHello, in their order.
std::vector<unsigned> extensions_of(const Datagram& datagram) {
    WireReader in(Bytes{datagram}.subspan(RecordHeader::datagram_size + message_header_size(true)));
    in.bytes(2 + 32); // version, random
    in.vector(1);     // session_id
    in.vector(1);     // cookie
    in.vector(2);     // cipher_suites
    in.vector(1);     // compression_methods
    std::vector<unsigned> types;
    for (WireReader list(in.vector(2)); !list.at_end(); list.vector(2))
        types.push_back(list.number(2));
    CHECK(in.ended_well());
    return types;
}

} // namespace

// RFC 6347, 4.2.1: the second ClientHello has the parameters of the first.
EACH_BACKEND("both ClientHellos have their extensions in the same order") {
    if (!backend.can().dtls) return;
    Settings client_config = client_settings(), server_config = server_settings();
    client_config.config.resumption = server_config.config.resumption = backend.can().resumption;
    Datagrams net(backend, client_config, server_config);
    for (const bool resumes : {false, true}) {
        if (resumes && !backend.can().resumption) continue;
        CAPTURE(resumes);
        std::vector<std::uint8_t> data;
        if (resumes) {
            net.check_talk();
            data = stored(*net.client);
            net.client->release();
            net.server->release();
            PeerIdentity peer = net.client_end.settings.identity;
            peer.resumption = data;
            REQUIRE(net.client->open(*net.client_end.context, peer).code == Err::none);
            REQUIRE(
                net.server->open(*net.server_end.context, net.server_end.settings.identity).code ==
                Err::none);
        }
        std::vector<Datagram> hellos;
        net.to_server.fate = [&hellos](Air& air, std::size_t n, Datagram datagram) {
            if (hellos.size() < 2) hellos.push_back(datagram);
            deliver(air, n, std::move(datagram));
        };
        REQUIRE(net.establish());
        net.to_server.fate = nullptr;
        CHECK(net.client->is_resumed() == resumes);
        REQUIRE(hellos.size() == 2);
        CHECK(extensions_of(hellos[0]) == extensions_of(hellos[1]));
    }
}

namespace {

// A record in plain text.
Datagram plain(std::uint8_t type, const Datagram& content, std::uint8_t number) {
    constexpr std::size_t header = RecordHeader::datagram_size;
    Datagram record(header + content.size());
    record[0] = type;
    record[1] = 0xfe;
    record[2] = 0xfd;
    record[10] = number;
    record[12] = static_cast<std::uint8_t>(content.size());
    std::copy(content.begin(), content.end(), record.begin() + header);
    return record;
}

} // namespace

// In TLS 1.2 there are keys once the client has sent its ClientKeyExchange, or resumes a session.
EACH_BACKEND("ChangeCipherSpec before there are keys changes nothing") {
    if (!backend.can().dtls) return;
    constexpr std::size_t header = RecordHeader::datagram_size;
    constexpr std::uint8_t handshake = 22, server_hello_done = 14;
    const Datagram change_cipher_spec = plain(20, {1}, 9);
    for (const bool offers_session : {false, true})
        for (const bool in_one_piece : {true, false}) {
            if (offers_session && !backend.can().resumption) continue;
            CAPTURE(offers_session);
            CAPTURE(in_one_piece);
            Settings client_config = client_settings(), server_config = server_settings();
            client_config.config.resumption = server_config.config.resumption = offers_session;
            Datagrams net(backend, client_config, server_config);
            std::vector<std::uint8_t> data;
            if (offers_session) { // unknown to this server
                Datagrams before(backend, client_config, server_config);
                REQUIRE(before.establish());
                before.check_talk();
                data = stored(*before.client);
                REQUIRE_FALSE(data.empty());
                net.client->release();
                PeerIdentity peer = net.client_end.settings.identity;
                peer.resumption = data;
                REQUIRE(net.client->open(*net.client_end.context, peer).code == Err::none);
            }
            std::size_t added = 0;
            net.to_client.fate = [&](Air& air, std::size_t, Datagram datagram) {
                bool flight_ends = false;
                for (std::size_t at = 0; at + header < datagram.size();) {
                    const RecordHeader record(datagram.data() + at, true);
                    flight_ends =
                        flight_ends || (record.type() == handshake && record.epoch() == 0 &&
                                        datagram[at + header] == server_hello_done);
                    at += record.record_size();
                }
                added += flight_ends;
                if (flight_ends && in_one_piece)
                    datagram.insert(datagram.end(), change_cipher_spec.begin(),
                                    change_cipher_spec.end());
                else if (flight_ends)
                    air.under_way.push_back(change_cipher_spec);
                air.under_way.push_back(std::move(datagram));
            };
            REQUIRE(net.establish());
            CHECK(added != 0);
            CHECK_FALSE(net.client->is_resumed());
            net.to_client.fate = nullptr;
            net.check_talk();
        }
}

EACH_BACKEND("without the keys nobody can end an established session, or send data in it") {
    if (!backend.can().dtls) return;
    const Datagram handshake_header{0, 0, 0, 4, 0, 9, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4};
    std::vector<Datagram> forged = {
        plain(21, {2, 40}, 60), // handshake_failure
        plain(21, {1, 0}, 61),  // close_notify
        plain(20, {1}, 62),     // ChangeCipherSpec
        plain(20, {2, 2}, 63),  plain(23, {'x'}, 64), plain(22, {0, 0, 0, 0}, 65), // no message
    };
    std::uint8_t number = 70;
    for (const int type : {0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 99}) {
        Datagram message = handshake_header;
        message[0] = static_cast<std::uint8_t>(type);
        forged.push_back(plain(22, message, number++));
        message[5] = 0; // its own
        forged.push_back(plain(22, message, number++));
    }
    for (const bool mutual : {false, true}) {
        Datagrams net(backend, mutual ? client_with("client") : client_settings(),
                      mutual ? asking_server() : server_settings());
        REQUIRE(net.establish());
        for (const bool talked : {false, true}) {
            CAPTURE(talked);
            for (const Datagram& datagram : forged) {
                net.to_server.under_way.push_back(datagram);
                net.to_client.under_way.push_back(datagram);
            }
            net.check_talk();
        }
    }
}

EACH_BACKEND("before a server has seen its cookie, nobody can end its session") {
    if (!backend.can().dtls) return;
    std::vector<Datagram> forged = {
        plain(21, {2, 40}, 0),
        plain(21, {1, 0}, 1),
        plain(20, {1}, 2),
        plain(20, {2, 2}, 3),
        plain(22, {0, 0, 0, 0}, 4),
        // Messages shorter than their header says, in a fragment, and longer than a record.
        plain(22, {1, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 99, 0xfe, 0xfd}, 5),
        plain(22, {1, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 2, 0xfe, 0xfd}, 6),
        plain(22, {1, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0xfe, 0xfd}, 7),
        plain(22, {1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0xfe, 0xfd}, 8),
        // Later messages, with numbers far ahead.
        plain(22, {16, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0, 2, 1, 2}, 200),
    };
    Datagrams net(backend);
    for (const Datagram& datagram : forged)
        net.to_server.under_way.push_back(datagram);
    CHECK(net.establish());
    net.check_talk();
}

namespace {

Datagram with_number(Datagram record, std::uint64_t number) {
    for (std::size_t i = 0; i < 6; ++i)
        record[5 + i] = static_cast<std::uint8_t>(number >> 8 * (5 - i));
    return record;
}

Datagram of_epoch(Datagram record, std::uint8_t epoch) {
    record[4] = epoch;
    return record;
}

Datagram fragment(std::uint8_t type, std::uint32_t size, std::uint8_t number, std::uint32_t begin,
                  const Datagram& data) {
    const auto byte = [](std::uint32_t value, unsigned at) {
        return static_cast<std::uint8_t>(value >> 8 * at);
    };
    const auto length = static_cast<std::uint32_t>(data.size());
    Datagram all{type,
                 byte(size, 2),
                 byte(size, 1),
                 byte(size, 0),
                 0,
                 number,
                 byte(begin, 2),
                 byte(begin, 1),
                 byte(begin, 0),
                 byte(length, 2),
                 byte(length, 1),
                 byte(length, 0)};
    all.insert(all.end(), data.begin(), data.end());
    return all;
}

// None of these is a record that the peer could have sent: its form or its epoch is wrong, or it
// cannot be decrypted.
std::vector<Datagram> invalid_datagrams() {
    std::vector<Datagram> all;
    constexpr std::uint64_t last_number = (1ull << 48) - 1;
    const Datagram data = plain(23, {'x', 'x'}, 1);
    for (std::size_t size = 1; size < data.size(); ++size)
        all.emplace_back(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
    for (std::size_t behind = 0; behind <= 13; ++behind) {
        all.push_back(data);
        all.back().insert(all.back().end(), behind, 'z');
    }
    for (const std::uint8_t type : Datagram{0, 19, 24, 25, 255})
        all.push_back(plain(type, {1}, 2));
    for (const std::uint8_t type : Datagram{20, 21, 22, 23}) {
        all.push_back(plain(type, {}, 3));
        all.push_back(plain(type, {2, 40, 1, 0}, 3));
        for (const std::uint8_t epoch : Datagram{1, 2, 255})
            for (const std::size_t size : {1u, 2u, 8u, 16u, 23u, 24u, 25u, 40u, 48u, 200u}) {
                all.push_back(of_epoch(plain(type, Datagram(size, 0x5a), 4), epoch));
                all.push_back(with_number(all.back(), last_number));
            }
        Datagram long_one = plain(type, {1}, 5);
        long_one[11] = 0xff;
        all.push_back(long_one);
        for (const unsigned version : {0x0303u, 0xfefcu, 0x0100u}) {
            Datagram other = plain(type, type == 21 ? Datagram{2, 40} : Datagram{1}, 6);
            write16(other.data() + 1, version);
            all.push_back(other);
        }
    }
    for (const std::uint8_t type : Datagram{0, 5, 20, 23, 24, 99, 255}) {
        all.push_back(with_number(plain(22, fragment(type, 1, 0, 0, {0}), 0), last_number));
        all.push_back(plain(22, fragment(type, 1, 3, 0, {0}), 7));
    }
    for (const std::uint8_t type : Datagram{1, 2, 3, 4, 11, 12, 13, 14, 15, 16}) {
        all.push_back(plain(22, {type}, 8));
        all.push_back(plain(22, fragment(type, 1, 0, 1, {0}), 8));        // behind its end
        all.push_back(plain(22, fragment(type, 2, 0, 0, {1, 2, 3}), 8));  // longer than it
        all.push_back(plain(22, fragment(type, 9, 0, 3, {}), 8));         // of nothing
        all.push_back(plain(22, fragment(type, 0xffffff, 0, 0, {1}), 8)); // of 16 MB
    }
    return all;
}

} // namespace

// RFC 6347, 4.1.2.7.
EACH_BACKEND("an invalid datagram never ends or changes a connection") {
    if (!backend.can().dtls) return;
    const std::vector<Datagram> junk = invalid_datagrams();
    for (const bool mutual : {false, true}) {
        CAPTURE(mutual);
        Datagrams net(backend, mutual ? client_with("client") : client_settings(),
                      mutual ? asking_server() : server_settings());
        std::vector<Datagram> seen;
        const auto disturb = [&](Air& air, std::size_t, Datagram datagram) {
            seen.push_back(datagram);
            air.under_way.insert(air.under_way.end(), junk.begin(), junk.end());
            air.under_way.push_back(std::move(datagram));
            air.under_way.insert(air.under_way.end(), junk.begin(), junk.end());
        };
        net.to_server.under_way.assign(junk.begin(), junk.end());
        net.to_client.under_way.assign(junk.begin(), junk.end());
        net.to_server.fate = net.to_client.fate = disturb;
        const std::uint32_t started = net.device.ticks;
        REQUIRE(net.establish());
        CHECK(net.device.ticks == started); // nor delays it
        net.check_talk();
        // Afterwards plain datagrams are dropped as well, even valid ones: everything that was
        // sent, whole and in parts, to either end.
        net.to_server.fate = net.to_client.fate = nullptr;
        for (const Datagram& datagram : seen)
            for (std::size_t size = datagram.size(); size > 0;
                 size -= std::min<std::size_t>(size, 7)) {
                const Datagram part(datagram.begin(),
                                    datagram.begin() + static_cast<std::ptrdiff_t>(size));
                net.to_server.under_way.push_back(part);
                net.to_client.under_way.push_back(part);
            }
        net.check_talk();
    }
}

// Anybody can send one. It may be taken for the peer's, but the peer's own records still get
// through.
EACH_BACKEND("a forged ChangeCipherSpec, with any number, does not block the peer's") {
    if (!backend.can().dtls) return;
    for (const std::uint64_t number : {0ull, 99ull, (1ull << 48) - 1})
        for (const bool to_client : {false, true})
            for (std::size_t before = 0; before < 8; ++before) {
                CAPTURE(number);
                CAPTURE(to_client);
                CAPTURE(before);
                Datagrams net(backend, client_with("client"), asking_server());
                (to_client ? net.to_client : net.to_server).fate = [=](Air& air, std::size_t n,
                                                                       Datagram datagram) {
                    if (n == before)
                        air.under_way.push_back(with_number(plain(20, {1}, 0), number));
                    air.under_way.push_back(std::move(datagram));
                };
                REQUIRE(net.establish());
                net.to_client.fate = net.to_server.fate = nullptr;
                net.check_talk();
            }
}

namespace {

// How handshake messages in plain text are cut.
struct Cut {
    const char* name;
    std::size_t size; // of a fragment
    bool in_one_record, in_one_datagram, backwards, with_empty;
};

// The records of a datagram, with their handshake messages cut.
std::vector<Datagram> cut(const Datagram& datagram, const Cut& how) {
    constexpr std::size_t header = RecordHeader::datagram_size, message = 12;
    std::vector<Datagram> records;
    for (std::size_t at = 0; at + header < datagram.size();) {
        const RecordHeader record(datagram.data() + at, true);
        const Datagram whole(datagram.begin() + static_cast<std::ptrdiff_t>(at),
                             datagram.begin() +
                                 static_cast<std::ptrdiff_t>(at + record.record_size()));
        at += whole.size();
        if (record.type() != 22 || record.epoch() != 0 || whole.size() == header + message) {
            records.push_back(whole);
            continue;
        }
        std::vector<Datagram> pieces;
        WireReader messages{Bytes{whole}.subspan(header)};
        for (MessageFragment one; !messages.at_end();) {
            one.take(messages);
            for (std::size_t begin = 0; begin == 0 || begin < one.data.size(); begin += how.size) {
                const Bytes data =
                    one.data.subspan(begin, std::min(how.size, one.data.size() - begin));
                const auto add = [&](const Bytes& some) {
                    pieces.push_back(fragment(static_cast<std::uint8_t>(one.type),
                                              static_cast<std::uint32_t>(one.message_size),
                                              static_cast<std::uint8_t>(one.number),
                                              static_cast<std::uint32_t>(one.begin + begin),
                                              Datagram(some.begin(), some.end())));
                };
                if (how.with_empty) add({});
                add(data);
            }
        }
        if (how.backwards) std::reverse(pieces.begin(), pieces.end());
        Datagram joined;
        for (const Datagram& piece : pieces) {
            if (how.in_one_record) {
                joined.insert(joined.end(), piece.begin(), piece.end());
                continue;
            }
            records.push_back(plain(22, {}, whole[10]));
            records.back().insert(records.back().end(), piece.begin(), piece.end());
        }
        if (how.in_one_record) {
            records.push_back(plain(22, {}, whole[10]));
            records.back().insert(records.back().end(), joined.begin(), joined.end());
        }
    }
    for (Datagram& record : records)
        write16(record.data() + header - 2, static_cast<std::uint32_t>(record.size() - header));
    return records;
}

} // namespace

// RFC 6347, 4.2.3: any fragments that an implementation likes, several in a record, too.
EACH_BACKEND("handshake messages in any fragments, to either end") {
    if (!backend.can().dtls) return;
    const Cut cuts[] = {
        {"in datagrams of their own", 50, false, false, false, false},
        {"in records of their own", 50, false, true, false, false},
        {"in one record", 50, true, true, false, false},
        {"in one record, in halves", 700, true, true, false, false},
        {"backwards", 50, false, false, true, false},
        {"backwards, in one record", 50, true, true, true, false},
        {"between empty ones", 50, false, true, false, true},
        {"of a few bytes", 7, false, false, false, false},
    };
    for (const Cut& how : cuts)
        for (const bool to_client : {false, true}) {
            CAPTURE(std::string(how.name));
            CAPTURE(to_client);
            Datagrams net(backend, client_with("client"), asking_server());
            (to_client ? net.to_client : net.to_server).fate = [&](Air& air, std::size_t,
                                                                   Datagram datagram) {
                Datagram together;
                for (const Datagram& record : cut(datagram, how)) {
                    together.insert(together.end(), record.begin(), record.end());
                    if (how.in_one_datagram) continue;
                    air.under_way.push_back(together);
                    together.clear();
                }
                if (!together.empty()) air.under_way.push_back(together);
            };
            const std::uint32_t started = net.device.ticks;
            REQUIRE(net.establish());
            if (!how.backwards) CHECK(net.device.ticks == started);
            net.to_client.fate = net.to_server.fate = nullptr;
            net.check_talk();
        }
}

// A datagram may have several records of the next epoch: none is lost behind the pieces of a
// message that has to be assembled first.
EACH_BACKEND("a last flight in fragments, with data after it, in one datagram") {
    if (!backend.can().dtls) return;
    Settings client_config = client_settings(), server_config = server_settings();
    client_config.config.resumption = server_config.config.resumption = backend.can().resumption;
    Datagrams net(backend, client_config, server_config);
    const auto shake = [](Session& session, Air& out) {
        return Datagrams::work(session, out, [&] { return session.handshake(); });
    };
    for (bool moved = true; moved;) {
        shake(*net.client, net.to_server);
        if (shake(*net.server, net.to_client) == Status::ok) break;
        moved = Datagrams::receive(*net.server, net.to_server);
        moved = Datagrams::receive(*net.client, net.to_client) || moved;
    }
    REQUIRE(net.server->is_established());
    CHECK(Datagrams::write(*net.server, net.to_client, "the first words") == 15);
    Datagram together;
    for (const Datagram& datagram : net.to_client.under_way)
        for (const Datagram& record : cut(datagram, {"", 50, false, true, false, false}))
            together.insert(together.end(), record.begin(), record.end());
    net.to_client.under_way = {together};
    std::string at_client;
    REQUIRE(Datagrams::receive(*net.client, net.to_client));
    net.talk(&at_client, nullptr);
    CHECK(at_client == "|the first words");
}

// RFC 6347, 4.1.1.1: if large datagrams get lost, flights are sent in smaller ones.
EACH_BACKEND("a path for short datagrams only") {
    if (!backend.can().dtls) return;
    for (const char* leaf : {"p256", "rsa-chain"})
        for (const std::uint16_t size : std::initializer_list<std::uint16_t>{0, 300}) {
            if (!backend.can().rsa && std::string_view(leaf) == "rsa-chain") continue;
            CAPTURE(std::string(leaf));
            CAPTURE(size);
            Settings server = asking_server(), client = client_with("client");
            server.config.credential = credential(leaf);
            server.config.datagram_size = client.config.datagram_size = size;
            Datagrams net(backend, client, server);
            net.to_client.fate =
                net.to_server.fate = [size](Air& air, std::size_t, Datagram datagram) {
                    if (datagram.size() <= (size == 0 ? 508u : size))
                        air.under_way.push_back(std::move(datagram));
                };
            const std::uint32_t started = net.device.ticks;
            REQUIRE(net.establish());
            if (size != 0) {
                CHECK(net.device.ticks == started);
                CHECK(net.to_client.largest <= size);
                CHECK(net.to_server.largest <= size);
            }
            net.to_client.fate = net.to_server.fate = nullptr;
            net.check_talk();
        }
}

EACH_BACKEND("a client returns cookies of every size") {
    if (!backend.can().dtls) return;
    constexpr std::size_t header = RecordHeader::datagram_size, message = 12;
    for (const std::size_t size : {1u, 20u, 32u, 33u, 64u, 255u}) {
        if (size > 32 && differs(backend, Difference::cookies_have_32_bytes)) continue;
        CAPTURE(size);
        Datagrams net(backend);
        const auto shake = [&] {
            return Datagrams::work(*net.client, net.to_server,
                                   [&] { return net.client->handshake(); });
        };
        CHECK(shake() == Status::want_read);
        Datagram body{0xfe, 0xff, static_cast<std::uint8_t>(size)};
        for (std::size_t i = 0; i < size; ++i)
            body.push_back(static_cast<std::uint8_t>(i * 7 + 1));
        Datagram request = plain(22, {}, 0);
        const Datagram whole = fragment(3, static_cast<std::uint32_t>(body.size()), 0, 0, body);
        request.insert(request.end(), whole.begin(), whole.end());
        write16(request.data() + header - 2, static_cast<std::uint32_t>(whole.size()));
        net.to_client.under_way.push_back(request);
        net.to_server.under_way.clear();
        REQUIRE(Datagrams::receive(*net.client, net.to_client));
        CHECK(shake() == Status::want_read);
        REQUIRE(net.to_server.under_way.size() == 1);
        WireReader hello{Bytes{net.to_server.under_way[0]}.subspan(header + message)};
        hello.bytes(2 + 32);
        hello.vector(1);
        CHECK(equal(hello.vector(1), Bytes{body}.subspan(3)));
    }
}

namespace {

// The datagram, whose first record has this hello alone, with `more` behind the hello's extensions;
// empty: with its first extension again. Any other datagram as it is.
Datagram with_more_extensions(Datagram datagram, std::uint8_t type, const Datagram& more = {}) {
    constexpr std::size_t header = RecordHeader::datagram_size, front = header + 12;
    if (datagram.size() < front || datagram[0] != content_type::handshake ||
        datagram[header] != type || RecordHeader(datagram.data(), true).epoch() != 0)
        return datagram;
    const bool of_client = type == handshake_type::client_hello;
    const std::size_t size = number32(datagram.data() + header) & 0xffffff;
    WireReader hello(Bytes{datagram}.subspan(front, size));
    hello.bytes(2 + 32);
    hello.vector(1);
    if (of_client && hello.vector(1).empty()) return datagram; // without a cookie
    if (of_client) {
        hello.vector(2);
        hello.vector(1);
    } else {
        hello.bytes(2 + 1);
    }
    const Bytes extensions = hello.vector(2);
    REQUIRE(hello.ended_well());
    Datagram added = more;
    if (added.empty()) {
        const std::size_t first = 2 + 2 + number16(extensions.data() + 2);
        added.assign(extensions.data(), extensions.data() + first);
    }
    // Lengths: of the record, the message, its only fragment, the extensions.
    const std::size_t lengths[] = {header - 2, header + 2, header + 10,
                                   front + size - extensions.size() - 2};
    for (const std::size_t at : lengths)
        write16(datagram.data() + at,
                static_cast<std::uint32_t>(number16(datagram.data() + at) + added.size()));
    datagram.insert(datagram.begin() + static_cast<std::ptrdiff_t>(front + size), added.begin(),
                    added.end());
    return datagram;
}

} // namespace

// RFC 5246, 7.4.1.4. To a server anybody could have sent it: it is dropped (RFC 6347, 4.1.2.7).
EACH_BACKEND("hellos with a repeated or an unrequested extension are refused") {
    if (!backend.can().dtls) return;
    for (const Datagram& more : {Datagram{}, Datagram{0x7a, 0x7a, 0, 0}}) {
        CAPTURE(more.size());
        Datagrams net(backend);
        net.to_client.fate = [&](Air& air, std::size_t, Datagram datagram) {
            air.under_way.push_back(
                with_more_extensions(std::move(datagram), handshake_type::server_hello, more));
        };
        CHECK_FALSE(net.establish());
        CHECK(net.client->error().code == Err::bad_message);
    }
    Datagrams net(backend);
    std::size_t changed = 0, answers = 0;
    net.to_server.fate = [&](Air& air, std::size_t, const Datagram& datagram) {
        air.under_way.push_back(with_more_extensions(datagram, handshake_type::client_hello));
        changed += air.under_way.back() != datagram;
    };
    net.to_client.fate = [&](Air& air, std::size_t n, Datagram datagram) {
        answers += datagram[RecordHeader::datagram_size] == handshake_type::server_hello;
        deliver(air, n, std::move(datagram));
    };
    CHECK_FALSE(net.establish(3000));
    CHECK(changed != 0);
    CHECK(answers == 0);
    CHECK(net.server->error().code == Err::none);
}

// RFC 6347, 4.2.1 and RFC 5246, E.1: a server answers with the highest version that it has.
EACH_BACKEND("a server answers a hello of a version above DTLS 1.2") {
    if (!backend.can().dtls) return;
    constexpr std::size_t header = RecordHeader::datagram_size;
    constexpr std::size_t front = header + message_header_size(true);
    constexpr unsigned dtls1_2 = 0xfefd;
    for (const unsigned version : {0xfefcu, 0xfe00u}) {
        CAPTURE(version);
        Datagrams net(backend);
        unsigned answer = 0;
        net.to_server.fate = [&](Air& air, std::size_t n, Datagram datagram) {
            if (datagram[header] == handshake_type::client_hello)
                write16(datagram.data() + front, version);
            deliver(air, n, std::move(datagram));
        };
        net.to_client.fate = [&](Air& air, std::size_t n, Datagram datagram) {
            if (datagram[header] == handshake_type::server_hello)
                answer = number16(datagram.data() + front);
            deliver(air, n, std::move(datagram));
        };
        CHECK_FALSE(net.establish(3000)); // Finished covers what the client has sent
        CHECK(answer == dtls1_2);
    }
}

EACH_BACKEND("a client with a wrong pre-shared key gets one alert, at once") {
    if (!backend.can().dtls || !backend.can().psk) return;
    for (const std::uint16_t suite : backend.backend().suites) {
        if (!uses_psk(suite)) continue;
        CAPTURE(suite);
        Settings client, server;
        client.config.role = Role::client;
        client.config.psk = {as_bytes("sensor"), as_bytes("another key")};
        client.config.suites = {&suite, 1};
        server.config.role = Role::server;
        server.config.psk_callback = {nullptr, [](void*, Bytes, Bytes* key) {
                                          *key = as_bytes("0123456789abcdef");
                                          return true;
                                      }};
        Datagrams net(backend, client, server);
        std::size_t alerts = 0;
        net.to_client.fate = [&alerts](Air& air, std::size_t, Datagram datagram) {
            alerts += datagram[0] == 21;
            air.under_way.push_back(std::move(datagram));
        };
        const std::uint32_t started = net.device.ticks;
        CHECK_FALSE(net.establish());
        CHECK(net.device.ticks == started);
        CHECK(net.server->error().code == Err::unknown_psk);
        CHECK(alerts == 1);
        while (Datagrams::receive(*net.client, net.to_client))
            net.client->handshake();
        CHECK(net.client->error().code == Err::peer_alert);
        CHECK(net.client->error().alert == static_cast<std::uint8_t>(alert_for(Err::unknown_psk)));
    }
}

EACH_BACKEND("an alert over datagrams is sent once") {
    if (!backend.can().dtls) return;
    for (const char* leaf : {"untrusted", "wronghost", "expired"}) {
        CAPTURE(std::string(leaf));
        Datagrams net(backend, client_settings(), server_settings(leaf));
        std::size_t alerts = 0;
        net.to_server.fate = [&alerts](Air& air, std::size_t, Datagram datagram) {
            alerts += datagram[0] == 21;
            air.under_way.push_back(std::move(datagram));
        };
        CHECK_FALSE(net.establish());
        CHECK(alerts == 1);
    }
}

// RFC 6347, 4.2.8.
EACH_BACKEND("a client that restarts at the same address is noticed, and can be served") {
    if (!backend.can().dtls) return;
    Datagrams net(backend);
    std::vector<Datagram> before;
    net.to_server.fate = [&before](Air& air, std::size_t, Datagram datagram) {
        before.push_back(datagram);
        air.under_way.push_back(std::move(datagram));
    };
    REQUIRE(net.establish());
    net.check_talk();
    // Its own hellos, when late, are not new.
    net.to_server.under_way.assign(before.begin(), before.end());
    net.talk(nullptr, nullptr);
    CHECK_FALSE(net.server->peer_restarts());

    OwnedSession again(backend), server(backend);
    REQUIRE(again->open(*net.client_end.context, net.client_end.settings.identity).code ==
            Err::none);
    const auto shake = [](Session& session, Air& out) {
        return Datagrams::work(session, out, [&] { return session.handshake(); });
    };
    CHECK(shake(*again, net.to_server) == Status::want_read);
    net.talk(nullptr, nullptr);
    CHECK(net.server->peer_restarts());
    net.check_talk(); // the old session goes on, as anybody could have sent it

    REQUIRE(server->open(*net.server_end.context, net.server_end.settings.identity).code ==
            Err::none);
    Air to_new, from_new;
    for (unsigned i = 0; i < 20 && !(again->is_established() && server->is_established()); ++i) {
        shake(*again, to_new);
        shake(*server, from_new);
        while (Datagrams::receive(*server, to_new))
            shake(*server, from_new);
        while (Datagrams::receive(*again, from_new))
            shake(*again, to_new);
        net.device.ticks += 1000;
    }
    CHECK(again->is_established());
    CHECK(server->is_established());
    CHECK_FALSE(server->peer_restarts());
}

EACH_BACKEND("memory that runs out in a handshake over datagrams ends it, or delays it") {
    if (!backend.can().dtls) return;
    for (std::size_t n = 1;; n += 29) {
        CAPTURE(n);
        REQUIRE(n < 100'000);
        const std::size_t before = heap::live_blocks();
        bool reached = false;
        {
            Datagrams net(backend, client_with("client"), asking_server());
            heap::fail_at(n);
            const bool established = net.establish();
            reached = heap::allocations() >= n;
            heap::fail_never();
            if (established)
                net.check_talk();
            else
                CHECK((net.client->error().code == Err::no_memory ||
                       net.server->error().code == Err::no_memory));
        }
        CHECK(heap::live_blocks() == before);
        if (!reached) break;
    }
}
