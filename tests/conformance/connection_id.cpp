// Connection IDs of DTLS 1.2 (RFC 9146): what is negotiated, what records look like then, and which
// datagram may move a session to another address.
#include "ussl/connection_id.hpp"

#include "support/datagrams.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/datagram_listener.hpp"
#include "ussl/protocol.hpp"

#include <arpa/inet.h>
#include <array>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::size_t record_header = RecordHeader::datagram_size;

// An ID of this size; negative: no connection IDs.
Settings with_id(Settings settings, int size, std::uint8_t first = 1) {
    settings.config.connection_id = size >= 0;
    settings.config.connection_id_size = static_cast<std::uint8_t>(std::max(size, 0));
    static std::deque<Datagram> ids;
    Datagram& id = ids.emplace_back(settings.config.connection_id_size);
    for (std::size_t i = 0; i < id.size(); ++i)
        id[i] = static_cast<std::uint8_t>(first + i);
    settings.identity.connection_id = id;
    return settings;
}
Settings client_with_id(int size) { return with_id(client_settings(), size, 0xc0); }
Settings server_with_id(int size) { return with_id(server_settings(), size, 0x50); }

Settings psk_client() {
    Settings client;
    client.config.psk = {as_bytes("sensor"), as_bytes("0123456789abcdef")};
    return client;
}
Settings psk_server() {
    Settings server;
    server.config.role = Role::server;
    server.config.psk_callback = {nullptr, [](void*, Bytes, Bytes* key) {
                                      *key = as_bytes("0123456789abcdef");
                                      return true;
                                  }};
    return server;
}

// Notes the types of the protected records in datagrams that pass, as RFC 9146, 4 writes them with
// IDs of this size.
struct Types {
    std::size_t id_size;
    std::map<unsigned, int> seen;

    void see(const Datagram& datagram) {
        for (std::size_t at = 0; at + record_header + id_size <= datagram.size();) {
            const RecordHeader record(datagram.data() + at, true, id_size);
            if (record.epoch() != 0) ++seen[record.type()];
            at += record.record_size();
        }
    }
    auto fate() {
        return [this](Air& air, std::size_t n, Datagram datagram) {
            see(datagram);
            deliver(air, n, std::move(datagram));
        };
    }
};

Datagram copy(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// What this end sends next.
Datagram written(Session& session, std::string_view text) {
    REQUIRE(session.write(as_bytes(text)).bytes == text.size());
    Datagram datagram = copy(session.output());
    session.output_consume(datagram.size());
    REQUIRE(session.output().empty());
    return datagram;
}

// The text that a datagram brings, or "".
std::string brought(Session& session, const Datagram& datagram) {
    const MutableBytes space = session.input_space();
    REQUIRE(space.size() >= datagram.size());
    std::copy(datagram.begin(), datagram.end(), space.begin());
    session.input_commit(datagram.size());
    std::string text;
    for (;;) {
        std::uint8_t buffer[2000];
        const IoResult result = session.read(buffer);
        CHECK(session.output().empty());
        if (result.status != Status::ok) {
            CHECK(result.status == Status::want_read);
            return text;
        }
        text.append(buffer, buffer + result.bytes);
    }
}

} // namespace

EACH_BACKEND("connection IDs are negotiated in each direction by itself, or not at all") {
    if (!backend.can().connection_id) return;
    for (const int own : {-1, 0, 1, 4, 32})
        for (const int theirs : {-1, 0, 1, 8, 32})
            for (const bool by_key : {false, true}) {
                if (by_key && !backend.can().psk) continue;
                CAPTURE(own);
                CAPTURE(theirs);
                CAPTURE(by_key);
                Datagrams net(backend,
                              with_id(by_key ? psk_client() : client_settings(), own, 0xc0),
                              with_id(by_key ? psk_server() : server_settings(), theirs, 0x50));
                const bool both = own >= 0 && theirs >= 0;
                const Bytes to_client = net.client_end.settings.identity.connection_id;
                const Bytes to_server = net.server_end.settings.identity.connection_id;
                Types at_client{both ? to_client.size() : 0, {}};
                Types at_server{both ? to_server.size() : 0, {}};
                net.to_client.fate = at_client.fate();
                net.to_server.fate = at_server.fate();
                CHECK(net.client->connection_id().empty());
                CHECK(net.server->peer_connection_id().empty());
                REQUIRE(net.establish());
                net.check_talk();
                const auto is = [both](const Bytes& got, const Bytes& wanted) {
                    return equal(got, both ? wanted : Bytes{});
                };
                CHECK(is(net.client->connection_id(), to_client));
                CHECK(is(net.server->peer_connection_id(), to_client));
                CHECK(is(net.server->connection_id(), to_server));
                CHECK(is(net.client->peer_connection_id(), to_server));
                // Protected records of a direction all have the ID, or none has: Finished and data.
                for (const Types* types : {&at_client, &at_server}) {
                    const int with = types->seen.contains(25) ? types->seen.at(25) : 0;
                    CHECK((with != 0) == (types->id_size != 0));
                    CHECK((types->seen.size() == 1) == (types->id_size != 0));
                }
                // close_notify has it as well.
                CHECK(Datagrams::work(*net.client, net.to_server,
                                      [&] { return net.client->close(); }) == Status::ok);
                REQUIRE(Datagrams::receive(*net.server, net.to_server));
                CHECK(Datagrams::read_all(*net.server, net.to_client, nullptr) == Status::closed);
            }
}

EACH_BACKEND("connection IDs with every suite, and datagrams of every size") {
    if (!backend.can().connection_id) return;
    for (const std::uint16_t suite : backend.backend().suites) {
        if (suite >> 8 == 0x13) continue; // of TLS 1.3
        const std::string name(suite_name(suite));
        CAPTURE(name);
        const bool by_key = name.find("PSK") != name.npos;
        Settings client = by_key ? psk_client() : client_with_id(0), server;
        const char* leaf = name.find("RSA") != name.npos ? "rsa-chain" : "p256";
        server = by_key ? psk_server() : server_settings(leaf);
        client = with_id(client, 5);
        server = with_id(server, 12);
        client.config.suites = {&suite, 1};
        client.config.datagram_size = server.config.datagram_size = 600;
        Datagrams net(backend, client, server);
        REQUIRE(net.establish());
        CHECK(net.client->suite() == suite);
        CHECK_FALSE(net.server->connection_id().empty());
        net.check_talk();
        net.to_server.largest = net.to_client.largest = 0;
        std::size_t sent = 0;
        for (const auto& [from, out] :
             {std::pair(&*net.client, &net.to_server), std::pair(&*net.server, &net.to_client)}) {
            const std::size_t most = from->max_fragment_length();
            CHECK(most > 500);
            sent = 0;
            for (std::size_t size = 1; size <= most; size += size == 40 ? most - 80 : 1) {
                CHECK(Datagrams::write(*from, *out, std::string(size, 'x')) == size);
                sent += 1 + size;
            }
            CHECK(from->write(as_bytes(std::string(most + 1, 'x'))).status == Status::failed);
            CHECK(out->largest <= 600);
            // RFC 9146, 4: the type, and perhaps padding, is what an ID adds.
            CHECK(out->largest > 600 - 32);
        }
        std::string at_client, at_server;
        net.talk(&at_client, &at_server);
        CHECK(at_client.size() == sent); // by the server, which is the last
        CHECK(at_server.size() > sent / 2);
        net.check_talk();
    }
}

EACH_BACKEND("any lost datagram of a handshake with connection IDs is sent again") {
    if (!backend.can().connection_id) return;
    for (const bool resumes : {false, true})
        for (const bool lose_to_server : {true, false})
            for (std::size_t lost = 0; lost < 8; ++lost) {
                if (resumes && !backend.can().resumption) continue;
                CAPTURE(resumes);
                CAPTURE(lose_to_server);
                CAPTURE(lost);
                Settings client = client_with_id(3), server = server_with_id(8);
                client.config.resumption = server.config.resumption = resumes;
                Datagrams net(backend, client, server);
                if (resumes) {
                    REQUIRE(net.establish());
                    net.check_talk();
                    const Datagram data = stored(*net.client);
                    REQUIRE_FALSE(data.empty());
                    net.client->release();
                    net.server->release();
                    PeerIdentity peer = net.client_end.settings.identity;
                    peer.resumption = data;
                    REQUIRE(net.client->open(*net.client_end.context, peer).code == Err::none);
                    REQUIRE(
                        net.server->open(*net.server_end.context, net.server_end.settings.identity)
                            .code == Err::none);
                    net.to_client.sent = net.to_server.sent = 0;
                    (lose_to_server ? net.to_server : net.to_client).fate = lose_only(lost);
                    CHECK(net.establish()); // `data` is needed until here
                } else {
                    (lose_to_server ? net.to_server : net.to_client).fate = lose_only(lost);
                    CHECK(net.establish());
                }
                net.to_server.fate = net.to_client.fate = nullptr;
                CHECK(net.client->is_resumed() == resumes);
                net.check_talk();
                CHECK(net.client->connection_id().size() == 3);
                CHECK(net.server->connection_id().size() == 8);
            }
}

EACH_BACKEND("connection IDs over a bad network, datagrams twice, late, damaged or lost") {
    if (!backend.can().connection_id) return;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        std::mt19937 chance(seed);
        const auto fate = [&chance](Air& air, std::size_t n, Datagram datagram) {
            switch (chance() % 10) {
            case 0: return lose(air, n, std::move(datagram));
            case 1:
            case 2: return twice(air, n, std::move(datagram));
            case 3: return overtake(air, n, std::move(datagram));
            case 4:
                if (datagram[4] != 0) datagram[chance() % datagram.size()] ^= 0x10;
                [[fallthrough]];
            default: return deliver(air, n, std::move(datagram));
            }
        };
        Datagrams net(backend, client_with_id(seed % 4), server_with_id(seed % 7));
        net.to_server.fate = net.to_client.fate = fate;
        CHECK(net.establish());
        net.to_server.fate = net.to_client.fate = nullptr;
        net.to_server.under_way.clear();
        net.to_client.under_way.clear();
        net.check_talk();
    }
}

// RFC 9146, 3: each handshake negotiates anew.
EACH_BACKEND("a resumed session has its own connection IDs, or none") {
    if (!backend.can().connection_id || !backend.can().resumption) return;
    for (const int before : {-1, 4})
        for (const int after : {-1, 0, 4}) {
            CAPTURE(before);
            CAPTURE(after);
            const auto resuming = [](Settings settings) {
                settings.config.resumption = true;
                return settings;
            };
            Datagrams net(backend, resuming(client_with_id(0)), resuming(server_with_id(4)));
            // The server's tickets, or cache, belong to its context: clients differ.
            Endpoint first(backend, net.as_datagrams(resuming(client_with_id(before)))),
                second(backend, net.as_datagrams(resuming(client_with_id(after))));
            REQUIRE(first.open().code == Err::none);
            REQUIRE(second.open().code == Err::none);
            net.client->release();
            REQUIRE(net.client->open(*first.context, first.settings.identity).code == Err::none);
            REQUIRE(net.establish());
            net.check_talk();
            CHECK(net.server->connection_id().size() == (before >= 0 ? 4 : 0));
            const Datagram data = stored(*net.client);
            REQUIRE_FALSE(data.empty());
            net.client->release();
            net.server->release();
            PeerIdentity peer = second.settings.identity;
            peer.resumption = data;
            REQUIRE(net.client->open(*second.context, peer).code == Err::none);
            PeerIdentity own = net.server_end.settings.identity;
            const Datagram other{9, 8, 7, 6};
            own.connection_id = other;
            REQUIRE(net.server->open(*net.server_end.context, own).code == Err::none);
            REQUIRE(net.establish());
            CHECK(net.client->is_resumed());
            CHECK(equal(net.server->connection_id(), after >= 0 ? Bytes{other} : Bytes{}));
            CHECK(net.client->connection_id().size() == (after > 0 ? 4 : 0));
            net.check_talk();
            net.client->release(); // before its context
        }
}

// RFC 9146, 6.
EACH_BACKEND("only a new authentic record under the session's ID shows where the peer is") {
    if (!backend.can().connection_id) return;
    Datagrams net(backend, client_with_id(0), server_with_id(8));
    Session &client = *net.client, &server = *net.server;
    CHECK_FALSE(server.is_newest());
    REQUIRE(net.establish());
    net.check_talk();
    const Datagram one = written(client, "one"), two = written(client, "two"),
                   three = written(client, "three");
    CHECK(brought(server, one) == "one");
    CHECK(server.is_newest());
    CHECK(server.is_newest()); // it stays so until the next datagram
    // Repeated.
    CHECK(brought(server, one).empty());
    CHECK_FALSE(server.is_newest());
    // New, then late.
    CHECK(brought(server, three) == "three");
    CHECK(server.is_newest());
    CHECK(brought(server, two) == "two");
    CHECK_FALSE(server.is_newest());
    const Datagram four = written(client, "four");
    std::vector<Datagram> invalid{{}, {25}, four, four, four, four, four, one, two, three};
    invalid[2].back() ^= 1;                 // another tag
    invalid[3][10] ^= 0x80;                 // another number: a later one
    invalid[4][record_header - 2 + 3] ^= 1; // another ID
    invalid[5].erase(invalid[5].begin() + 11, invalid[5].begin() + 11 + 8); // without its ID
    invalid[5][0] = 23;
    invalid[6].pop_back(); // cut short
    for (const std::uint8_t type : Datagram{20, 21, 22, 23, 24, 25, 26}) {
        Datagram plain{type, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 9, 9, 0, 2, 2, 40};
        invalid.push_back(plain);
        plain[4] = 1; // as if protected
        plain.resize(plain.size() + 40);
        plain[12] = 42;
        invalid.push_back(plain);
    }
    for (const Datagram& datagram : invalid) {
        CAPTURE(&datagram - invalid.data());
        if (datagram.empty()) continue;
        CHECK(brought(server, datagram).empty());
        CHECK_FALSE(server.is_newest());
    }
    CHECK(brought(server, four) == "four");
    CHECK(server.is_newest());
    // Several records in a datagram: the newest counts, wherever it is. One of another ID is no
    // part of it (RFC 9146, 3).
    const Datagram five = written(client, "five"), six = written(client, "six"),
                   seven = written(client, "seven");
    Datagram both = six;
    both.insert(both.end(), five.begin(), five.end());
    CHECK(brought(server, both) == "sixfive");
    CHECK(server.is_newest());
    both = invalid[4];
    both.insert(both.end(), seven.begin(), seven.end());
    CHECK(brought(server, both) == "seven");
    CHECK(server.is_newest());
    // The client has no ID, so nothing moves its peer.
    CHECK(brought(client, written(server, "hello")) == "hello");
    CHECK_FALSE(client.is_newest());
    net.check_talk();
}

EACH_BACKEND("without negotiation no record with a connection ID passes") {
    if (!backend.can().connection_id) return;
    for (const int size : {-1, 0}) {
        CAPTURE(size);
        Datagrams net(backend, client_with_id(size), server_settings());
        REQUIRE(net.establish());
        const Datagram good = written(*net.client, "good");
        for (const std::size_t id : {0u, 1u, 8u}) {
            Datagram bad = good;
            bad[0] = 25;
            bad.insert(bad.begin() + 11, id, 7);
            CHECK(brought(*net.server, bad).empty());
        }
        CHECK(brought(*net.server, good) == "good");
        CHECK_FALSE(net.server->is_newest());
        net.check_talk();
    }
}

TEST_CASE("connection_id_of reads the ID of a datagram's first record") {
    Datagram datagram{25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 'a', 'b', 'c', 'd', 0, 1, 'x'};
    CHECK(equal(connection_id_of(datagram, 4), as_bytes("abcd")) == features::connection_id);
    CHECK(equal(connection_id_of(datagram, 1), as_bytes("a")) == features::connection_id);
    CHECK(connection_id_of(datagram, 0).empty());
    for (const std::size_t size : {6u, 32u, 255u, 100'000u})
        CHECK(connection_id_of(datagram, size).empty());
    for (std::size_t size = 0; size < 17; ++size)
        CHECK(connection_id_of(Bytes{datagram}.first(size), 4).empty());
    datagram[0] = 23;
    CHECK(connection_id_of(datagram, 4).empty());
    datagram[0] = 25;
    datagram[2] = 0xfe; // DTLS 1.1 never existed
    CHECK(connection_id_of(datagram, 4).empty());
}

// --- Hellos ---

namespace {

constexpr unsigned extension_number = 54;

Datagram extension(const Datagram& data) {
    Datagram all{0, extension_number, 0, static_cast<std::uint8_t>(data.size())};
    all.insert(all.end(), data.begin(), data.end());
    return all;
}
Datagram operator+(Datagram one, const Datagram& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}
Datagram id_of(std::uint8_t size) { return Datagram{size} + Datagram(size, 0xee); }

// If the first record is a whole hello of this type with extensions: the same with `added` in place
// of connection_id. Otherwise unchanged.
Datagram with_extension(const Datagram& datagram, std::uint8_t type, const Datagram& added) {
    constexpr std::size_t front = record_header + message_header_size(true);
    if (datagram.size() < front || datagram[0] != content_type::handshake || datagram[4] != 0 ||
        datagram[record_header] != type)
        return datagram;
    const RecordHeader record(datagram.data(), true);
    const Bytes body = Bytes{datagram}.subspan(front, record.record_size() - front);
    WireReader in(body);
    in.bytes(2 + 32);
    in.vector(1);
    if (type == handshake_type::client_hello) {
        // To a hello without its cookie there is no answer but HelloVerifyRequest.
        if (in.vector(1).empty()) return datagram;
        in.vector(2);
        in.vector(1);
    } else {
        in.bytes(2 + 1);
    }
    const Bytes extensions = in.vector(2);
    if (!in.ended_well()) return datagram;
    Datagram kept;
    for (WireReader list(extensions); !list.at_end();) {
        const unsigned number = list.number(2);
        const Bytes data = list.vector(2);
        if (number == extension_number) continue;
        std::uint8_t head[4];
        write16(head, number);
        write16(head + 2, static_cast<std::uint32_t>(data.size()));
        kept.insert(kept.end(), head, head + 4);
        kept.insert(kept.end(), data.begin(), data.end());
    }
    kept = kept + added;
    Datagram made(datagram.begin(),
                  datagram.begin() +
                      static_cast<std::ptrdiff_t>(record.record_size() - extensions.size()));
    write16(&made[made.size() - 2], static_cast<std::uint32_t>(kept.size()));
    made = made + kept;
    const std::size_t size = made.size() - front;
    write16(&made[record_header - 2], static_cast<std::uint32_t>(made.size() - record_header));
    write16(&made[record_header + 2], static_cast<std::uint32_t>(size));  // of the message
    write16(&made[record_header + 10], static_cast<std::uint32_t>(size)); // of its only fragment
    return made + Datagram(datagram.begin() + static_cast<std::ptrdiff_t>(record.record_size()),
                           datagram.end());
}

// Whether a datagram begins with a ServerHello that has the extension.
bool answers(const Datagram& datagram) {
    return datagram.size() > record_header && datagram[0] == content_type::handshake &&
           datagram[record_header] == handshake_type::server_hello &&
           with_extension(datagram, handshake_type::server_hello, {}) != datagram;
}

} // namespace

EACH_BACKEND("a ClientHello's connection_id that is malformed, repeated or too long") {
    if (!backend.can().connection_id) return;
    const struct {
        const char* what;
        Datagram extensions;
        bool is_answered, negotiated;
    } rows[] = {
        {"as it should be", extension(id_of(4)), true, true},
        {"empty", extension(id_of(0)), true, true},
        {"of the largest size", extension(id_of(max_connection_id)), true, true},
        {"one more: it may have no answer (RFC 9146, 3)", extension(id_of(max_connection_id + 1)),
         true, false},
        {"the largest of all", extension(id_of(250)), true, false},
        {"twice", extension(id_of(4)) + extension(id_of(4)), false, false},
        {"without a length", extension({}), false, false},
        {"longer than the extension", extension({5, 1, 2, 3, 4}), false, false},
        {"shorter than the extension", extension({3, 1, 2, 3, 4}), false, false},
        {"none", {}, true, false},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        Datagrams net(backend, client_with_id(4), server_with_id(8));
        bool answered = false;
        net.to_server.fate = [&](Air& air, std::size_t n, const Datagram& datagram) {
            deliver(air, n, with_extension(datagram, handshake_type::client_hello, row.extensions));
        };
        std::size_t hellos = 0;
        net.to_client.fate = [&](Air& air, std::size_t n, Datagram datagram) {
            hellos += datagram[record_header] == handshake_type::server_hello;
            answered = answered || answers(datagram);
            deliver(air, n, std::move(datagram));
        };
        net.establish(20'000);
        // Before the server has seen its cookie anybody may have sent it: it is dropped.
        CHECK(net.server->error().code == Err::none);
        CHECK((hellos != 0) == row.is_answered);
        CHECK(answered == row.negotiated);
    }
}

EACH_BACKEND("a ServerHello's connection_id that is malformed, repeated, too long or unasked") {
    if (!backend.can().connection_id) return;
    const struct {
        const char* what;
        int client;
        Datagram extensions;
        Err of_client;
        int alert;
    } rows[] = {
        {"one more than we can store", 4, extension(id_of(max_connection_id + 1)),
         Err::handshake_failure, 40},
        {"twice", 4, extension(id_of(4)) + extension(id_of(4)), Err::bad_message, 50},
        {"without a length", 4, extension({}), Err::bad_message, 50},
        {"longer than the extension", 4, extension({5, 1, 2, 3, 4}), Err::bad_message, 50},
        {"shorter than the extension", 4, extension({3, 1, 2, 3, 4}), Err::bad_message, 50},
        {"unasked", -1, extension(id_of(4)), Err::bad_message, 110},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        Datagrams net(backend, client_with_id(row.client), server_with_id(8));
        net.to_client.fate = [&](Air& air, std::size_t n, const Datagram& datagram) {
            deliver(air, n, with_extension(datagram, handshake_type::server_hello, row.extensions));
        };
        CHECK_FALSE(net.establish(20'000));
        CHECK(net.client->error().code == row.of_client);
        CHECK(net.server->error().code == Err::peer_alert);
        CHECK(net.server->error().alert == row.alert);
    }
}

// --- A server with many clients on one socket, and real sockets ---

namespace {

constexpr std::size_t id_size = 6;

struct Socket {
    int number = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};

    Socket() {
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(number >= 0);
        REQUIRE(bind(number, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(getsockname(number, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(number); }

    void send(Bytes datagram, const sockaddr_in& to) const {
        REQUIRE(sendto(number, datagram.data(), datagram.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to),
                       sizeof to) == static_cast<ssize_t>(datagram.size()));
    }
    // Empty: there is none, after 20 ms.
    Datagram receive(sockaddr_in& from) const {
        pollfd ready{number, POLLIN, 0};
        if (poll(&ready, 1, 20) != 1) return {};
        Datagram datagram(2000);
        socklen_t size = sizeof from;
        const ssize_t count = recvfrom(number, datagram.data(), datagram.size(), 0,
                                       reinterpret_cast<sockaddr*>(&from), &size);
        datagram.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return datagram;
    }
};

// The server's part of a session.
struct Served {
    OwnedSession session;
    sockaddr_in address;
    std::uint8_t id[id_size];
    Datagram random;
    std::string heard;
};

// As ussl/connection_id.hpp and ussl/datagram_listener.hpp say.
class UdpServer {
public:
    Socket socket;
    std::vector<std::unique_ptr<Served>> all;
    int moves = 0;

    explicit UdpServer(Endpoint& endpoint) : endpoint_(endpoint) {
        REQUIRE(listener_.open(endpoint.backend.backend(), posix_environment(), pieces_) ==
                Err::none);
    }

    // Handles what has come, and answers each text with it.
    void work() {
        sockaddr_in from{};
        for (Datagram datagram; !(datagram = socket.receive(from)).empty();)
            handle(datagram, from);
    }
    void say(Served& to, std::string_view text) {
        REQUIRE(to.session->write(as_bytes(text)).bytes == text.size());
        flush(to);
    }

private:
    void handle(const Datagram& datagram, const sockaddr_in& from) {
        const Bytes id = connection_id_of(datagram, id_size);
        if (!id.empty()) {
            for (const auto& each : all)
                if (equal(id, Bytes{each->id})) give(*each, datagram, from);
            return;
        }
        const Bytes address(reinterpret_cast<const std::uint8_t*>(&from), sizeof from);
        switch (listener_.receive(datagram, address)) {
        case DatagramListener::Action::drop: return;
        case DatagramListener::Action::answer: socket.send(listener_.answer(), from); return;
        case DatagramListener::Action::deliver:
            if (Served* found = at(from); found != nullptr) give(*found, datagram, from);
            return;
        case DatagramListener::Action::accept: {
            Served* found = at(from);
            if (found == nullptr || !equal(found->random, listener_.random()))
                found = &open(from, address);
            give(*found, copy(listener_.hello()), from);
        }
        }
    }
    // The last one that was opened there.
    Served* at(const sockaddr_in& address) {
        for (auto each = all.rbegin(); each != all.rend(); ++each)
            if ((*each)->address.sin_port == address.sin_port) return each->get();
        return nullptr;
    }
    Served& open(const sockaddr_in& from, Bytes address) {
        auto added = std::unique_ptr<Served>(
            new Served{OwnedSession(endpoint_.backend), from, {}, copy(listener_.random()), {}});
        REQUIRE(posix_environment().random(nullptr, MutableBytes{added->id}));
        PeerIdentity peer;
        peer.client_id = address;
        peer.cookie_verified = true;
        peer.connection_id = Bytes{added->id};
        REQUIRE(added->session->open(*endpoint_.context, peer).code == Err::none);
        all.push_back(std::move(added));
        // It says where its first datagram goes; `address` is valid until then.
        static_cast<void>(all.back()->session->handshake());
        return *all.back();
    }
    void give(Served& to, const Datagram& datagram, const sockaddr_in& from) {
        Session& session = *to.session;
        const MutableBytes space = session.input_space();
        REQUIRE(space.size() >= datagram.size());
        std::copy(datagram.begin(), datagram.end(), space.begin());
        session.input_commit(datagram.size());
        for (Status status = Status::ok; status == Status::ok || status == Status::want_write;) {
            std::uint8_t buffer[500];
            const IoResult result = session.read(buffer);
            status = result.status;
            if (status == Status::want_write) flush(to);
            if (status == Status::ok) {
                to.heard.assign(buffer, buffer + result.bytes);
                follow(to, from);
                say(to, to.heard);
            }
        }
        follow(to, from);
        flush(to);
    }
    void follow(Served& one, const sockaddr_in& from) {
        if (!one.session->is_newest() || one.address.sin_port == from.sin_port) return;
        one.address = from;
        ++moves;
    }
    void flush(Served& one) {
        for (Session& session = *one.session; !session.output().empty();) {
            socket.send(session.output(), one.address);
            session.output_consume(session.output().size());
        }
    }

    Endpoint& endpoint_;
    DatagramListener listener_;
    std::array<DatagramListener::Pieces, 2> pieces_;
};

struct UdpClient {
    OwnedSession session;
    std::unique_ptr<Socket> socket;
    UdpServer& server;
    std::string heard;

    UdpClient(Endpoint& endpoint, UdpServer& server_,
              std::unique_ptr<Socket> from = std::make_unique<Socket>())
        : session(endpoint.backend), socket(std::move(from)), server(server_) {
        REQUIRE(session->open(*endpoint.context, endpoint.settings.identity).code == Err::none);
        for (int i = 0; i < 50 && !session->is_established(); ++i) {
            while (session->handshake() == Status::want_write)
                flush();
            flush();
            server.work();
            receive();
        }
        REQUIRE(session->is_established());
    }
    void flush() const {
        while (!session->output().empty()) {
            socket->send(session->output(), server.socket.address);
            session->output_consume(session->output().size());
        }
    }
    void receive() {
        sockaddr_in from{};
        const Datagram datagram = socket->receive(from);
        if (datagram.empty()) return;
        const MutableBytes space = session->input_space();
        std::copy(datagram.begin(), datagram.end(), space.begin());
        session->input_commit(datagram.size());
        if (!session->is_established()) return;
        std::uint8_t buffer[500];
        const IoResult result = session->read(buffer);
        if (result.status == Status::ok) heard.assign(buffer, buffer + result.bytes);
    }
    // As when the NAT has forgotten it. Returns the old socket.
    std::unique_ptr<Socket> move() { return std::exchange(socket, std::make_unique<Socket>()); }
    bool talks(std::string_view text) {
        heard.clear();
        REQUIRE(session->write(as_bytes(text)).bytes == text.size());
        flush();
        server.work();
        receive();
        return heard == text;
    }
};

} // namespace

EACH_BACKEND("a client whose port changes keeps its session; nobody else can move it") {
    if (!backend.can().connection_id) return;
    for (const BackendUnderTest& by : backends()) {
        if (!by.can().connection_id) continue;
        CAPTURE(std::string(by.name));
        Settings own = client_settings(), theirs = server_settings();
        own.config.datagram = theirs.config.datagram = true;
        own.config.connection_id = theirs.config.connection_id = true;
        theirs.config.connection_id_size = id_size;
        Endpoint client_end(by, own), server_end(backend, theirs);
        REQUIRE(client_end.open().code == Err::none);
        REQUIRE(server_end.open().code == Err::none);
        UdpServer server(server_end);
        UdpClient first(client_end, server), second(client_end, server);
        REQUIRE(server.all.size() == 2);
        CHECK(first.talks("one"));
        CHECK(second.talks("two"));
        CHECK(server.moves == 0);

        // Another client gets its old address, and a session of its own (RFC 6347, 4.2.8).
        UdpClient third(client_end, server, first.move());
        REQUIRE(server.all.size() == 3);
        CHECK(third.talks("three"));
        CHECK(first.talks("from another port"));
        CHECK(server.moves == 1);
        CHECK(server.all[0]->address.sin_port == first.socket->address.sin_port);
        CHECK(second.talks("still here"));
        // The server speaks first.
        server.say(*server.all[0], "hello");
        first.receive();
        CHECK(first.heard == "hello");

        // Somebody else repeats its datagrams, or forges some.
        const Socket thief;
        const Datagram genuine = written(*first.session, "genuine");
        first.socket->send(genuine, server.socket.address);
        server.work();
        first.receive();
        CHECK(first.heard == "genuine");
        Datagram forged = genuine;
        forged[10] = static_cast<std::uint8_t>(forged[10] + 1);
        thief.send(genuine, server.socket.address);
        thief.send(forged, server.socket.address);
        Datagram plain = genuine;
        plain[0] = 23;
        plain.erase(plain.begin() + 11, plain.begin() + 11 + static_cast<std::ptrdiff_t>(id_size));
        thief.send(plain, server.socket.address);
        server.work();
        CHECK(server.moves == 1);
        sockaddr_in from{};
        CHECK(thief.receive(from).empty());
        CHECK(first.talks("unmoved"));

        // A late datagram from the old address does not move it back.
        const Datagram late = written(*first.session, "late");
        CHECK(first.talks("early"));
        thief.send(late, server.socket.address);
        server.work();
        CHECK(server.moves == 1);
        CHECK(server.all[0]->heard == "late");
        first.receive(); // its answer

        // Clients that change places.
        std::swap(first.socket, second.socket);
        CHECK(first.talks("swapped"));
        CHECK(second.talks("swapped, too"));
        CHECK(server.moves == 3);
        CHECK(third.talks("third"));
        CHECK(server.all.size() == 3);
    }
}
