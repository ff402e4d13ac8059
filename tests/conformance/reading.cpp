// What readable() and can_read() promise about the next read(), however its data have come; and
// that these calls change nothing.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr Role both_roles[] = {Role::client, Role::server};

// What follows the records with data.
enum class Tail { none, close_notify, alert, damaged };
constexpr const char* tail_names[] = {"nothing", "close_notify", "a fatal alert",
                                      "a damaged record"};
constexpr Tail ends[] = {Tail::close_notify, Tail::alert, Tail::damaged};

// When the reader reads.
enum class ReadTiming {
    always,    // after each piece, until nothing is left
    when_told, // while can_read() is true, as a poller does
    last,      // when the session takes no more
};
constexpr ReadTiming timings[] = {ReadTiming::always, ReadTiming::when_told, ReadTiming::last};

// Calls all const functions.
void ask(const Session& session) {
    session.timeout(), session.readable(), session.can_read(), session.is_established();
    session.error(), session.version(), session.suite(), session.alpn(), session.is_resumed();
    session.max_fragment_length(), session.peer_certificate();
}

class TimedReader {
public:
    TimedReader(Session& session, ReadTiming timing) : session_(session), timing_(timing) {}

    // In pieces of `size`; each is written into a span that was requested earlier, with queries in
    // between.
    void feed(std::string_view bytes, std::size_t size) {
        while (!bytes.empty() && !has_ended()) {
            std::string_view piece = bytes.substr(0, size);
            bytes.remove_prefix(piece.size());
            while (!piece.empty() && !has_ended()) {
                const MutableBytes space = session_.input_space();
                if (space.empty()) {
                    is_exact_ = is_exact_ && session_.can_read();
                    if (!read()) return;
                    continue;
                }
                const std::size_t count = std::min(space.size(), piece.size());
                ask(session_);
                std::memcpy(space.data(), piece.data(), count);
                session_.input_commit(count);
                piece.remove_prefix(count);
            }
            if (timing_ != ReadTiming::last) read_all();
        }
        read_all();
    }
    bool has_ended() const { return end_ != Status::ok; }

    // Whether each answer was the promised one.
    bool is_exact() const { return is_exact_; }
    Status end() const { return end_; }
    const std::string& received() const { return received_; }

private:
    // Whether there was an answer.
    bool read() {
        const bool promised = session_.can_read();
        const std::size_t readable = session_.readable();
        std::uint8_t buffer[7];
        const IoResult result = session_.read(buffer);
        const bool answered =
            result.status != Status::want_read && result.status != Status::want_write;
        is_exact_ = is_exact_ && answered == promised &&
                    (result.status == Status::ok) == (readable != 0) &&
                    result.bytes == std::min(readable, sizeof buffer);
        received_.append(buffer, buffer + result.bytes);
        if (answered) end_ = result.status;
        return answered;
    }
    void read_all() {
        while (!has_ended() && (timing_ != ReadTiming::when_told || session_.can_read()) &&
               read()) {
        }
    }

    Session& session_;
    const ReadTiming timing_;
    bool is_exact_ = true;
    Status end_ = Status::ok;
    std::string received_;
};

struct Link {
    OpenEnds ends;
    Connection connection;
    Role role; // of the reader

    Link(const BackendUnderTest& backend, Version version, Role role_)
        : ends(backend, settings(client_settings(), backend, version),
               settings(server_settings(), backend, version)),
          connection(ends.client, ends.server),
          role(role_) {
        REQUIRE(connection.establish());
    }
    static Settings settings(Settings own, const BackendUnderTest& backend, Version version) {
        own.config.resumption = backend.can().resumption; // tickets
        return own.versions(version);
    }
    Side& reader() { return role == Role::client ? connection.client : connection.server; }
    Side& writer() { return role == Role::client ? connection.server : connection.client; }
    Pipe& to_reader() { return reader().wire.in(); }

    // Everything that has come, followed by these records.
    std::string stream(int records, Tail tail, std::string& text) {
        std::string bytes = to_reader().take();
        for (int i = 0; i < records; ++i) {
            const std::string one = std::to_string(i) + " in a record\n";
            REQUIRE(writer().write(one) == one.size());
            text += one;
        }
        bytes += to_reader().take();
        switch (tail) {
        case Tail::none: break;
        case Tail::close_notify: REQUIRE(writer().pump.close().status == Status::ok); break;
        case Tail::alert:
            writer().wire.in().inject(as_bytes(raw::record(23, std::string(64, 'x'))));
            REQUIRE(writer().read_all() == Status::failed);
            break;
        case Tail::damaged: REQUIRE(writer().write("never read") == 10); break;
        }
        std::string end = to_reader().take();
        if (tail == Tail::damaged) end.back() = static_cast<char>(end.back() ^ 1);
        return bytes + end;
    }

    void read(int records, Tail tail, ReadTiming timing, std::size_t size) {
        CAPTURE(std::string(name_of(reader().session->version())));
        CAPTURE(std::string(role == Role::client ? "client" : "server"));
        CAPTURE(records);
        CAPTURE(std::string(tail_names[static_cast<int>(tail)]));
        CAPTURE(static_cast<int>(timing));
        CAPTURE(size);
        std::string text;
        const std::string bytes = stream(records, tail, text);
        Session& session = *reader().session;
        TimedReader reading(session, timing);
        reading.feed(bytes, size != 0 ? size : bytes.size());
        CHECK(reading.is_exact());
        CHECK(reading.received() == text);
        switch (tail) {
        case Tail::none: CHECK(reading.end() == Status::ok); break;
        case Tail::close_notify: CHECK(reading.end() == Status::closed); break;
        default: CHECK(reading.end() == Status::failed);
        }
        CHECK(session.can_read() == (tail != Tail::none));
        const Err error = session.error().code;
        CHECK(error == (tail == Tail::alert     ? Err::peer_alert
                        : tail == Tail::damaged ? Err::bad_record
                                                : Err::none));
    }
};

// A link for each version and role; `body` makes as many as it needs.
template<class Body>
void for_each_reader(const BackendUnderTest& backend, Body body) {
    for (const Version version : versions_of(backend))
        for (const Role role : both_roles)
            body([&backend, version, role] {
                return std::make_unique<Link>(backend, version, role);
            });
}

} // namespace

EACH_BACKEND("1 to 50 records at once: readable means that the next read has an answer") {
    for_each_reader(backend, [](auto make_link) {
        const auto link = make_link();
        for (int records = 1; records <= 50; ++records)
            link->read(records, Tail::none, timings[records % 3], 0);
        for (const Tail tail : ends)
            for (const int records : {0, 1, 2, 3, 10, 50})
                make_link()->read(records, tail, timings[records % 3], 0);
    });
}

EACH_BACKEND("records in pieces of every size: readable means that the next read has an answer") {
    for_each_reader(backend, [](auto make_link) {
        const auto link = make_link();
        for (std::size_t size = 1; size <= 120; ++size) // more than two such records have
            link->read(2, Tail::none, timings[size % 3], size);
    });
}

EACH_BACKEND("an end after records, in pieces of many sizes: it is readable, and reported last") {
    for_each_reader(backend, [](auto make_link) {
        int turn = 0;
        for (const Tail tail : ends)
            for (const std::size_t size :
                 {1u, 2u, 3u, 5u, 6u, 7u, 16u, 29u, 30u, 31u, 37u, 47u, 64u, 77u, 100u})
                make_link()->read(2, tail, timings[turn++ % 3], size);
    });
}

EACH_BACKEND("an end after records, in pieces of every size [long]") {
    for_each_reader(backend, [](auto make_link) {
        for (const Tail tail : ends)
            for (const ReadTiming timing : timings)
                for (std::size_t size = 1; size <= 200; ++size)
                    make_link()->read(2, tail, timing, size);
    });
}

EACH_BACKEND("tickets alone do not make a session readable") {
    if (!backend.can().tls1_3 || !backend.can().resumption) return;
    for (const std::size_t size : {1u, 5u, 100u, 5000u}) {
        Link link(backend, Version::tls1_3, Role::client);
        std::string none;
        const std::string tickets = link.stream(0, Tail::none, none);
        REQUIRE_FALSE(tickets.empty());
        Session& session = *link.reader().session;
        TimedReader reading(session, ReadTiming::when_told);
        reading.feed(tickets, size);
        CHECK_FALSE(session.can_read());
        CHECK(session.readable() == 0);
        CHECK_FALSE(stored(session).empty()); // without a read()
        link.read(1, Tail::close_notify, ReadTiming::when_told, size);
    }
}

EACH_BACKEND("the end of a transport makes a session readable") {
    for_each_reader(backend, [](auto make_link) {
        const auto link = make_link();
        Session& session = *link->reader().session;
        link->read(1, Tail::none, ReadTiming::when_told, 0);
        CHECK_FALSE(session.can_read());
        session.input_end();
        CHECK(session.can_read());
        std::uint8_t byte[1];
        CHECK(session.read(byte).status == Status::truncated);
        CHECK(session.can_read());
    });
}

namespace {

// The spans that a session has returned, and their contents then.
struct Held {
    const Session& session;
    Bytes output, certificate;
    std::string_view alpn;
    std::vector<std::uint8_t> output_copy, certificate_copy;
    std::string alpn_copy;

    explicit Held(const Session& of, Bytes its_output = {})
        : session(of),
          output(its_output),
          certificate(of.peer_certificate()),
          alpn(of.alpn()),
          output_copy(output.begin(), output.end()),
          certificate_copy(certificate.begin(), certificate.end()),
          alpn_copy(alpn) {}
    bool stays() const {
        ask(session);
        return equal(output, output_copy) && equal(certificate, certificate_copy) &&
               alpn == alpn_copy;
    }
};

// Moves at most `size` bytes, through spans with queries in between. Returns whether it moved any.
bool move(Session& from, Session& to, std::size_t size) {
    const MutableBytes space = to.input_space();
    const Held of_sender(from, from.output());
    const Held of_receiver(to);
    const bool stays = of_sender.stays() && of_receiver.stays();
    CHECK(stays);
    const std::size_t count = std::min({of_sender.output.size(), space.size(), size});
    if (count == 0) return false;
    std::memcpy(space.data(), of_sender.output.data(), count);
    CHECK(of_receiver.stays());
    to.input_commit(count);
    from.output_consume(count);
    return true;
}

} // namespace

EACH_BACKEND("queries leave every span as it is, in every state") {
    static constexpr std::string_view names[] = {"a/1", "b"};
    for (const Version version : versions_of(backend))
        for (const std::size_t size : {37u, 1000u, 100000u}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(size);
            const bool shown = backend.can().certificates;
            Settings own[] = {shown ? client_with("client") : client_settings(),
                              shown ? asking_server() : server_settings()};
            for (Settings& one : own) {
                one = Link::settings(one, backend, version);
                one.config.keep_peer_certificate = shown;
                if (backend.can().alpn) one.config.alpn = names;
            }
            OpenEnds both(backend, own[0], own[1]);
            Connection connection(both.client, both.server);
            OwnedSession alone(backend);
            REQUIRE(alone->open(*both.client.context, own[0].identity).code == Err::none);
            CHECK(Held(*alone, alone->output()).stays());
            Session* const sessions[] = {&*connection.client.session, &*connection.server.session};
            const std::string text(20000, 'x');
            std::array<std::size_t, 2> written{}, received{};
            // One after the other: the handshake, data both ways, the ends.
            bool moves = true;
            while (moves) {
                moves = false;
                for (std::size_t i = 0; i < 2; ++i) {
                    Session& session = *sessions[i];
                    session.handshake();
                    std::uint8_t buffer[300];
                    const std::size_t got = session.read(buffer).bytes;
                    received[i] += got;
                    if (written[i] != text.size())
                        written[i] += session.write(as_bytes(text).subspan(written[i])).bytes;
                    moves = move(session, *sessions[1 - i], size) || got != 0 || moves;
                }
            }
            CHECK(received == std::array{text.size(), text.size()});
            CHECK(sessions[0]->peer_certificate().empty() != shown);
            // A side that has closed, and one that has failed.
            REQUIRE(sessions[0]->close() == Status::ok);
            std::uint8_t buffer[300];
            while (move(*sessions[0], *sessions[1], size)) {
            }
            CHECK(sessions[1]->read(buffer).status == Status::closed);
            const MutableBytes space = alone->input_space();
            space[0] = 'H';
            alone->input_commit(1);
            while (move(*alone, *sessions[1], size)) {
            }
            CHECK(alone->handshake() == Status::failed);
            CHECK(Held(*alone, alone->output()).stays());
            alone->release();
            CHECK(Held(*alone, alone->output()).stays());
        }
}
