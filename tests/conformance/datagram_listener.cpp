// A server with many clients on one socket: its sessions start with a ClientHello that a
// DatagramListener has accepted (RFC 6347, 4.2.1), with clients of every backend.
#include "ussl/datagram_listener.hpp"

#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/heap.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

using Datagram = std::vector<std::uint8_t>;
using Action = DatagramListener::Action;

constexpr std::size_t record_header = RecordHeader::datagram_size;

Datagram copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// Lets `session` work; returns its output.
std::vector<Datagram> work(Session& session) {
    std::vector<Datagram> out;
    for (bool again = true; again;) {
        std::uint8_t byte;
        const Status status =
            session.is_established() ? session.read({&byte, 1}).status : session.handshake();
        again = status == Status::want_write;
        while (!session.output().empty()) {
            out.push_back(copy(session.output()));
            session.output_consume(session.output().size());
        }
    }
    return out;
}

void give(Session& session, const Datagram& datagram) {
    const MutableBytes space = session.input_space();
    REQUIRE(space.size() >= datagram.size());
    std::copy(datagram.begin(), datagram.end(), space.begin());
    session.input_commit(datagram.size());
}

// Leaves room for more numbers between those of the records in plain text.
void spread_numbers(Datagram& datagram) {
    for (std::size_t at = 0; at < datagram.size();) {
        const RecordHeader header(datagram.data() + at, true);
        if (header.epoch() == 0)
            datagram[at + 10] = static_cast<std::uint8_t>(datagram[at + 10] * 16);
        at += header.record_size();
    }
}

// The ClientHello of `datagram` in pieces of `size` bytes.
std::vector<Datagram> in_pieces(const Datagram& datagram, std::size_t size) {
    WireReader messages(Bytes{datagram}.subspan(record_header));
    MessageFragment hello;
    REQUIRE(hello.take(messages));
    std::vector<Datagram> pieces;
    for (std::size_t begin = 0; begin < hello.data.size(); begin += size) {
        const Bytes part = hello.data.subspan(begin, std::min(size, hello.data.size() - begin));
        Datagram piece(datagram.begin(), datagram.begin() + record_header + 12);
        // Each in a record with its own number.
        piece[10] = static_cast<std::uint8_t>(piece[10] + pieces.size()); // see spread_numbers()
        write16(piece.data() + 11, static_cast<std::uint32_t>(12 + part.size()));
        write16(piece.data() + record_header + 7, static_cast<std::uint32_t>(begin));
        write16(piece.data() + record_header + 10, static_cast<std::uint32_t>(part.size()));
        piece.insert(piece.end(), part.begin(), part.end());
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

struct Server {
    struct Client {
        OwnedSession session;
        Datagram random;
    };
    using Clients = std::map<std::string, std::unique_ptr<Client>>;

    TestEnvironment device;
    Endpoint endpoint;
    DatagramListener listener;
    std::array<DatagramListener::Pieces, 4> pieces;
    Clients clients;
    std::size_t most_clients = 1'000, opened = 0;

    explicit Server(const BackendUnderTest& backend, Settings settings = server_settings())
        : endpoint(backend, with_datagrams(settings, device)) {
        REQUIRE(endpoint.open().code == Err::none);
        REQUIRE(listener.open(backend.backend(), device.environment, pieces) == Err::none);
    }

    static Settings with_datagrams(Settings settings, TestEnvironment& device) {
        settings.config.datagram = true;
        settings.environment = &device.environment;
        return settings;
    }

    // A server's treatment of each datagram; returns its answer.
    std::vector<Datagram> receive(const std::string& address, const Datagram& datagram) {
        const Action heard = listener.receive(datagram, as_bytes(address));
        switch (heard) {
        case Action::drop: return {};
        case Action::answer: return {copy(listener.answer())};
        case Action::accept: {
            const auto known = clients.find(address);
            if (known != clients.end() && equal(known->second->random, listener.random())) break;
            if (known != clients.end()) clients.erase(known);
            if (clients.size() == most_clients) return {};
            open(address);
            break;
        }
        case Action::deliver:
            if (!clients.contains(address)) return {};
            break;
        }
        Session& session = *clients.at(address)->session;
        give(session, heard == Action::accept ? copy(listener.hello()) : datagram);
        return work(session);
    }

    void open(const std::string& address) {
        auto client = std::unique_ptr<Client>(
            new Client{OwnedSession(endpoint.backend), copy(listener.random())});
        PeerIdentity peer;
        peer.client_id = as_bytes(address);
        peer.cookie_verified = true;
        REQUIRE(client->session->open(*endpoint.context, peer).code == Err::none);
        work(*client->session); // it says where its first datagram goes
        clients.emplace(address, std::move(client));
        ++opened;
    }

    bool has_established(const std::string& address) const {
        const auto known = clients.find(address);
        return known != clients.end() && known->second->session->is_established();
    }
};

struct Client {
    Endpoint endpoint;
    OwnedSession session;
    std::size_t piece = 0; // bytes of its ClientHellos in one datagram; 0: all

    Client(const BackendUnderTest& backend, TestEnvironment& device,
           Settings settings = client_settings())
        : endpoint(backend, Server::with_datagrams(settings, device)), session(backend) {
        REQUIRE(endpoint.open().code == Err::none);
        REQUIRE(session->open(*endpoint.context, endpoint.settings.identity).code == Err::none);
    }

    std::vector<Datagram> say() {
        std::vector<Datagram> said = work(*session), cut;
        for (Datagram& datagram : said) {
            if (piece != 0) spread_numbers(datagram);
            if (piece == 0 || datagram[record_header] != handshake_type::client_hello ||
                RecordHeader(datagram.data(), true).epoch() != 0) {
                cut.push_back(datagram);
                continue;
            }
            for (Datagram& each : in_pieces(datagram, piece))
                cut.push_back(std::move(each));
        }
        return cut;
    }

    // Until nothing moves any more.
    void talk_to(Server& server, const std::string& address, std::vector<Datagram> first = {}) {
        for (std::deque<Datagram> heard(first.begin(), first.end());;) {
            for (const Datagram& datagram : say())
                for (Datagram& answer : server.receive(address, datagram))
                    heard.push_back(std::move(answer));
            if (heard.empty()) return;
            if (session->error().code != Err::none) return;
            give(*session, heard.front());
            heard.pop_front();
        }
    }
};

// Whether data get through in both directions.
bool talks(Client& client, Server& server, const std::string& address) {
    Session& own = *client.session;
    Session& theirs = *server.clients.at(address)->session;
    std::uint8_t buffer[100];
    for (const auto& [from, to] : {std::pair(&own, &theirs), std::pair(&theirs, &own)}) {
        if (from->write(as_bytes("hello")).bytes != 5) return false;
        const Datagram datagram = copy(from->output());
        from->output_consume(datagram.size());
        // As a server does: the listener comes first.
        if (server.listener.receive(datagram, as_bytes(address)) != Action::deliver) return false;
        give(*to, datagram);
        const IoResult got = to->read(buffer);
        if (got.status != Status::ok || !equal({buffer, got.bytes}, as_bytes("hello")))
            return false;
    }
    return true;
}

constexpr std::string_view psk = "0123456789abcdef";
bool find_key(void*, Bytes, Bytes* found) {
    *found = as_bytes(psk);
    return true;
}

} // namespace

EACH_BACKEND(
    "a listener's session begins with the second ClientHello, from every backend's client") {
    if (!backend.can().dtls) return;
    for (const BackendUnderTest& by : backends()) {
        if (!by.can().dtls) continue;
        CAPTURE(std::string(by.name));
        Server server(backend);
        Client client(by, server.device);
        const std::vector<Datagram> first = client.say();
        REQUIRE(first.size() == 1);
        const std::vector<Datagram> request = server.receive("a", first[0]);
        REQUIRE(request.size() == 1);
        CHECK(request[0].size() < first[0].size());
        CHECK(server.opened == 0);
        give(*client.session, request[0]);
        const std::vector<Datagram> second = client.say();
        REQUIRE(second.size() == 1);
        const std::vector<Datagram> flight = server.receive("a", second[0]);
        REQUIRE_FALSE(flight.empty());
        CHECK(server.opened == 1);
        // RFC 6347, 4.2.1 and 4.2.2: the first record has the number of the ClientHello's, the
        // message the next after HelloVerifyRequest's.
        CHECK(flight[0][record_header] == handshake_type::server_hello);
        CHECK(equal(Bytes{flight[0]}.subspan(3, 8), Bytes{second[0]}.subspan(3, 8)));
        CHECK(equal(Bytes{flight[0]}.subspan(record_header + 4, 2),
                    Bytes{second[0]}.subspan(record_header + 4, 2)));
        client.talk_to(server, "a", flight);
        CHECK(server.has_established("a"));
    }
}

EACH_BACKEND("clients of every backend connect through a listener, with whole or split hellos") {
    if (!backend.can().dtls) return;
    for (const BackendUnderTest& by : backends()) {
        if (!by.can().dtls) continue;
        for (const std::size_t piece : {0u, 80u, 120u}) {
            CAPTURE(std::string(by.name));
            CAPTURE(piece);
            Server server(backend, asking_server());
            Client client(by, server.device, client_with("client"));
            client.piece = piece;
            client.talk_to(server, "a");
            REQUIRE(client.session->is_established());
            REQUIRE(server.has_established("a"));
            CHECK(server.opened == 1);
            CHECK(talks(client, server, "a"));
        }
    }
}

EACH_BACKEND("a repeated ClientHello belongs to the session that it started") {
    if (!backend.can().dtls) return;
    Server server(backend);
    Client client(backend, server.device);
    std::vector<Datagram> first = client.say();
    give(*client.session, server.receive("a", first.at(0)).at(0));
    client.piece = 100;
    const std::vector<Datagram> second = client.say();
    // Everything that the server sends is lost, twice.
    for (int i = 0; i < 2; ++i)
        for (const Datagram& datagram : second)
            server.receive("a", datagram);
    CHECK(server.opened == 1);
    // Then the client's timer has run out.
    server.device.ticks += client.session->timeout();
    client.talk_to(server, "a");
    CHECK(server.opened == 1);
    REQUIRE(server.has_established("a"));
    CHECK(talks(client, server, "a"));
    // Late datagrams of the handshake change nothing.
    CHECK(server.receive("a", first[0]).size() == 1);
    for (const Datagram& datagram : second)
        server.receive("a", datagram);
    CHECK(server.opened == 1);
    CHECK(talks(client, server, "a"));
}

EACH_BACKEND("a client that restarts at its address is served; nobody else ends its session") {
    if (!backend.can().dtls) return;
    Server server(backend);
    Client client(backend, server.device);
    client.talk_to(server, "a");
    REQUIRE(server.has_established("a"));
    // Without a cookie, with another address's cookie, or with one for another ClientHello.
    Client stranger(backend, server.device);
    const Datagram hello = stranger.say().at(0);
    CHECK(server.receive("a", hello).size() == 1);
    give(*stranger.session, server.receive("b", hello).at(0));
    const Datagram with_cookie = stranger.say().at(0);
    CHECK(server.receive("a", with_cookie).at(0)[record_header] ==
          handshake_type::hello_verify_request);
    CHECK(server.opened == 1);
    CHECK(talks(client, server, "a"));
    // The same client, after it has lost everything.
    Client again(backend, server.device);
    again.talk_to(server, "a");
    CHECK(again.session->is_established());
    CHECK(server.opened == 2);
    CHECK(server.clients.size() == 1);
    CHECK(talks(again, server, "a"));
}

EACH_BACKEND("a server with 1,000 clients, and a flood of unverified clients") {
    if (!backend.can().dtls) return;
    constexpr std::size_t most = 1'000;
    Settings own = server_settings(), theirs = client_settings();
    if (backend.can().psk) { // handshakes take less time
        own.config = {.role = Role::server, .psk_callback = {nullptr, find_key}};
        theirs.config = {.psk = {as_bytes("sensor"), as_bytes(psk)}};
        theirs.identity = {};
    }
    Server server(backend, own);
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < most; ++i) {
        auto client = std::make_unique<Client>(backend, server.device, theirs);
        const std::string address = "192.0.2.7:" + std::to_string(i);
        client->talk_to(server, address);
        REQUIRE(server.has_established(address));
        clients.push_back(std::move(client));
    }
    CHECK(server.clients.size() == most);
    const std::size_t blocks = heap::live_blocks(), bytes = heap::live_bytes();
    const Datagram hello = [&] {
        Client stranger(backend, server.device, theirs);
        return stranger.say().at(0);
    }();
    for (unsigned i = 0; i < 20'000; ++i) {
        Datagram forged = hello;
        write32(forged.data() + record_header + 12 + 2, i); // in its random number
        const bool known = i % 2 == 0;
        const std::string from =
            known ? "192.0.2.7:" + std::to_string(i % most) : "198.51.100.1:" + std::to_string(i);
        const std::vector<Datagram> answers = server.receive(from, forged);
        if (answers.size() != 1 || answers[0].size() >= forged.size()) FAIL(i);
    }
    CHECK(server.opened == most);
    CHECK(heap::live_blocks() == blocks);
    CHECK(heap::live_bytes() == bytes);
    for (std::size_t i = 0; i < most; i += 97)
        CHECK(talks(*clients[i], server, "192.0.2.7:" + std::to_string(i)));
    // There is no room for one more, which does no harm.
    Client late(backend, server.device, theirs);
    late.talk_to(server, "203.0.113.1:1");
    CHECK_FALSE(late.session->is_established());
    CHECK(server.opened == most);
}
