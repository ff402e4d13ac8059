// A DatagramListener's answers to ClientHellos of every form, by a clock that the test moves.
// tests/conformance/datagram_listener.cpp checks that sessions start with its results.
#include "ussl/datagram_listener.hpp"

#include "support/backends.hpp"
#include "support/doctest.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

using Datagram = std::vector<std::uint8_t>;
using Action = DatagramListener::Action;

constexpr std::string_view client = "192.0.2.7:40000", other = "192.0.2.8:40000";

struct Hello {
    std::uint8_t random = 1; // each of its bytes
    Datagram session, cookie;
    std::size_t extensions = 40; // bytes
    std::uint16_t message_number = 0;
    std::uint8_t record_number = 0;

    Datagram message() const {
        Datagram bytes{0xfe, 0xfd};
        bytes.insert(bytes.end(), 32, random);
        bytes.push_back(static_cast<std::uint8_t>(session.size()));
        bytes.insert(bytes.end(), session.begin(), session.end());
        bytes.push_back(static_cast<std::uint8_t>(cookie.size()));
        bytes.insert(bytes.end(), cookie.begin(), cookie.end());
        const Datagram suites{0, 2, 0xc0, 0x2b, 1, 0};
        bytes.insert(bytes.end(), suites.begin(), suites.end());
        for (std::size_t i = 0; i < extensions; ++i)
            bytes.push_back(static_cast<std::uint8_t>(i));
        return bytes;
    }

    // A record with the bytes from `begin` to `end` of the message.
    Datagram piece(std::size_t begin, std::size_t end, std::uint8_t epoch = 0) const {
        const Datagram all = message();
        Datagram bytes(13 + 12 + end - begin);
        WireWriter writer{MutableBytes{bytes}};
        writer.number(content_type::handshake, 1);
        writer.number(0xfeff, 2);
        writer.number(epoch, 2);
        writer.number(record_number, 6);
        writer.number(12 + end - begin, 2);
        writer.number(handshake_type::client_hello, 1);
        writer.number(all.size(), 3);
        writer.number(message_number, 2);
        writer.number(begin, 3);
        writer.vector(Bytes{all}.subspan(begin, end - begin), 3);
        return bytes;
    }
    Datagram datagram() const { return piece(0, message().size()); }
};

struct Fixture {
    TestEnvironment device;
    Backend backend = backends().front().backend();
    std::array<DatagramListener::Pieces, 2> pieces;
    DatagramListener listener;

    Fixture() {
        backend.capabilities.dtls = backend.capabilities.server = true;
        REQUIRE(listener.open(backend, device.environment, pieces) == Err::none);
    }

    Action receive(const Datagram& datagram, std::string_view from = client) {
        return listener.receive(datagram, as_bytes(from));
    }

    // The cookie of the last answer.
    Datagram cookie() const {
        const Bytes answer = listener.answer();
        REQUIRE(answer.size() == 60);
        return {answer.begin() + 28, answer.end()};
    }

    // The client's second ClientHello.
    Hello second(Hello hello = {}, std::string_view from = client) {
        REQUIRE(receive(hello.datagram(), from) == Action::answer);
        hello.cookie = cookie();
        ++hello.message_number;
        ++hello.record_number;
        return hello;
    }
};

} // namespace

TEST_CASE("a ClientHello gets a shorter HelloVerifyRequest with the same numbers") {
    Fixture with;
    Hello hello;
    hello.extensions = 0;
    hello.message_number = 3;
    hello.record_number = 9;
    const Datagram shortest = hello.piece(0, 2 + 32 + 1 + 1);
    for (const Datagram& datagram : {hello.datagram(), shortest}) {
        REQUIRE(with.receive(datagram) == Action::answer);
        const Bytes answer = with.listener.answer();
        const std::uint8_t expected[] = {22, 0xfe, 0xff, 0,  0, 0, 0, 0, 0, 0, 9, 0,  47, // record
                                         3,  0,    0,    35, 0, 3, 0, 0, 0, 0, 0, 35, 0xfe, 0xff,
                                         32};
        CHECK(answer.size() < datagram.size());
        CHECK(equal(answer.first(sizeof expected), expected));
        CHECK(answer.size() == sizeof expected + 32);
        CHECK(with.listener.hello().empty());
    }
}

TEST_CASE("a cookie verifies a client: with the same ClientHello, from the same address") {
    Fixture with;
    Hello first;
    first.session = Datagram(32, 5);
    const Hello second = with.second(first);
    const Datagram datagram = second.datagram();
    REQUIRE(with.receive(datagram) == Action::accept);
    CHECK(equal(with.listener.hello(), datagram));
    CHECK(equal(with.listener.random(), Datagram(32, 1)));
    CHECK(with.listener.answer().empty());
    // Again, as from a client that got no answer.
    CHECK(with.receive(datagram) == Action::accept);

    CHECK(with.receive(datagram, other) == Action::answer);
    Hello changed = second;
    changed.random = 2;
    CHECK(with.receive(changed.datagram()) == Action::answer);
    changed = second;
    changed.session[31] = 6;
    CHECK(with.receive(changed.datagram()) == Action::answer);
    changed.session.clear();
    CHECK(with.receive(changed.datagram()) == Action::answer);
    for (std::size_t i = 0; i < second.cookie.size(); ++i) {
        changed = second;
        changed.cookie[i] ^= 1;
        CHECK(with.receive(changed.datagram()) == Action::answer);
        changed.cookie.resize(i);
        CHECK(with.receive(changed.datagram()) == Action::answer);
    }
    changed = second;
    changed.cookie.push_back(0);
    CHECK(with.receive(changed.datagram()) == Action::answer);
}

TEST_CASE("a cookie is valid for one to two minutes, and for one listener") {
    for (const std::uint32_t start : {0U, 1U << 31, 0xffff0000U}) {
        Fixture with;
        with.device.ticks = start;
        const Datagram datagram = with.second().datagram();
        with.device.ticks += 65'535;
        CHECK(with.receive(datagram) == Action::accept);
        with.device.ticks += 65'536;
        CHECK(with.receive(datagram) == Action::accept);
        with.device.ticks += 1;
        CHECK(with.receive(datagram) == Action::answer);
        const Datagram renewed = with.second().datagram();
        CHECK(Fixture().receive(renewed) == Action::answer);
    }
}

TEST_CASE("other datagrams are for the session, invalid ClientHellos are dropped") {
    Fixture with;
    const Datagram good = Hello().datagram();
    struct {
        const char* what;
        Datagram datagram;
        Action action;
    } rows[] = {
        {"nothing", {}, Action::deliver},
        {"data", {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0}, Action::deliver},
        {"an alert", {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 1, 0}, Action::deliver},
        {"another message", good, Action::deliver},
        {"of another epoch", Hello().piece(0, 30, 1), Action::deliver},
        {"of TLS", good, Action::drop},
        {"of TLS, in its message", good, Action::drop},
        {"with more than a message", good, Action::drop},
        {"with a session too long", good, Action::drop},
        {"too long", good, Action::drop},
        {"a piece that is none", good, Action::drop},
        {"its second piece alone", Hello().piece(70, 80), Action::drop},
        {"cut before the cookie", Hello().piece(0, 35), Action::drop},
        {"an empty piece", Hello().piece(0, 0), Action::drop},
    };
    rows[3].datagram[13] = handshake_type::finished;
    rows[5].datagram[1] = 3;
    rows[6].datagram[25] = 3;
    rows[7].datagram.push_back(0);
    ++rows[7].datagram[12];
    rows[8].datagram[25 + 34] = 33;
    rows[9].datagram[14] = 1;
    rows[10].datagram[13 + 8] = 200;
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK(with.receive(row.datagram) == row.action);
        CHECK(with.listener.answer().empty());
        CHECK(with.listener.hello().empty());
    }
    // Cut anywhere: the sanitizer sees any read beyond the end.
    for (std::size_t size = 0; size < good.size(); ++size)
        CHECK(with.receive(Datagram(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(
                                                                     size))) == Action::deliver);
    CHECK(with.receive(good, "") == Action::drop);
    CHECK(with.receive(good, std::string(max_client_id, 'a')) == Action::answer);
    CHECK(with.receive(good, std::string(max_client_id + 1, 'a')) == Action::drop);
}

TEST_CASE("the pieces of a ClientHello are assembled, in any order, once its cookie was shown") {
    for (const bool in_order : {true, false}) {
        Fixture with;
        Hello first;
        first.extensions = 700;
        const Hello second = with.second(first);
        const std::size_t all = second.message().size();
        // The pieces overlap, and one comes twice.
        std::vector<std::pair<std::size_t, std::size_t>> pieces{{0, 100},   {90, 300},  {300, 301},
                                                                {301, 600}, {500, all}, {301, 600}};
        if (!in_order) std::reverse(pieces.begin() + 1, pieces.end());
        // For a client that has shown no cookie nothing is stored.
        CHECK(with.receive(second.piece(90, 300)) == Action::drop);
        std::size_t proven = 0;
        std::uint8_t record_number = 5;
        for (const auto& [begin, end] : pieces) {
            Hello piece = second;
            piece.record_number = ++record_number;
            const Action action = with.receive(piece.piece(begin, end));
            if (action != Action::accept) {
                CHECK(action == Action::drop);
                continue;
            }
            ++proven;
            CHECK(equal(with.listener.hello(), piece.datagram()));
            CHECK(equal(with.listener.random(), Datagram(32, 1)));
        }
        CHECK(proven == 1);
    }
}

TEST_CASE("pieces in one datagram") {
    Fixture with;
    Hello second = with.second();
    const std::size_t all = second.message().size();
    Datagram datagram = second.piece(0, 90);
    ++second.record_number;
    const Datagram rest = second.piece(90, all);
    datagram.insert(datagram.end(), rest.begin(), rest.end());
    REQUIRE(with.receive(datagram) == Action::accept);
    CHECK(equal(with.listener.hello(), second.datagram()));
}

TEST_CASE("pieces of several clients do not mix; the oldest are replaced; others get no room") {
    Fixture with;
    const Hello of_client = with.second({}, client), of_other = with.second({}, other),
                of_third = with.second({}, "third");
    const std::size_t all = of_client.message().size();
    CHECK(with.receive(of_client.piece(0, 80), client) == Action::drop);
    with.device.ticks += 10;
    CHECK(with.receive(of_other.piece(0, 80), other) == Action::drop);
    // A first piece from an address that does not own the cookie gets an answer, and changes
    // nothing.
    for (int i = 0; i < 100; ++i)
        CHECK(with.receive(of_client.piece(0, 80), "stranger" + std::to_string(i)) ==
              Action::answer);
    CHECK(with.receive(of_client.piece(80, all), "third") == Action::drop);
    CHECK(with.receive(of_other.piece(80, all), other) == Action::accept);
    // There is room for two. The third client used none before, and gets the free place.
    with.device.ticks += 10;
    CHECK(with.receive(of_third.piece(0, 80), "third") == Action::drop);
    with.device.ticks += 10;
    // Then the oldest one is replaced. A repeated piece takes no second place.
    CHECK(with.receive(of_other.piece(0, 80), other) == Action::drop);
    CHECK(with.receive(of_other.piece(0, 80), other) == Action::drop);
    CHECK(with.receive(of_third.piece(80, all), "third") == Action::accept);
    CHECK(with.receive(of_client.piece(80, all), client) == Action::drop);
    CHECK(with.receive(of_other.piece(80, all), other) == Action::accept);
}

TEST_CASE("a piece that overlaps a verified one must have the same bytes") {
    Fixture with;
    const Hello second = with.second();
    Hello forged = second;
    forged.random = 9;
    CHECK(with.receive(second.piece(0, 80)) == Action::drop);
    CHECK(with.receive(forged.piece(1, 80)) == Action::drop);
    CHECK(with.receive(second.piece(80, second.message().size())) == Action::drop);
    CHECK(with.listener.hello().empty());
    // The client still succeeds when it repeats its hello.
    CHECK(with.receive(second.piece(0, 80)) == Action::drop);
    CHECK(with.receive(second.piece(80, second.message().size())) == Action::accept);
}

TEST_CASE("without room for pieces a ClientHello in several datagrams is dropped") {
    Fixture with;
    REQUIRE(with.listener.open(with.backend, with.device.environment) == Err::none);
    const Hello second = with.second();
    CHECK(with.receive(second.piece(0, 80)) == Action::drop);
    CHECK(with.receive(second.piece(80, second.message().size())) == Action::drop);
    CHECK(with.receive(second.datagram()) == Action::accept);
}

TEST_CASE("a listener that lacks something, or is closed") {
    Fixture with;
    with.device.random_left = 31;
    CHECK(with.listener.open(with.backend, with.device.environment) == Err::no_randomness);
    CHECK(with.receive(Hello().datagram()) == Action::drop);
    with.device.random_left = 1000;
    with.device.environment.milliseconds = nullptr;
    CHECK(with.listener.open(with.backend, with.device.environment) == Err::unsupported);
    with.device.environment.milliseconds = TestEnvironment().environment.milliseconds;
    for (bool* capability : {&with.backend.capabilities.dtls, &with.backend.capabilities.server}) {
        *capability = false;
        CHECK(with.listener.open(with.backend, with.device.environment) == Err::unsupported);
        *capability = true;
    }
    REQUIRE(with.listener.open(with.backend, with.device.environment) == Err::none);
    const Datagram datagram = with.second().datagram();
    with.backend.sha256 = [](Bytes, std::uint8_t(&)[32]) { return false; };
    CHECK(with.receive(datagram) == Action::drop);
    with.listener.close();
    CHECK(with.receive(datagram) == Action::drop);
    with.listener.close();
}

TEST_CASE("each ClientHello of a flood gets a cookie, and changes nothing") {
    Fixture with;
    const Hello second = with.second();
    CHECK(with.receive(second.piece(0, 80)) == Action::drop);
    std::set<Datagram> cookies;
    for (unsigned i = 0; i < 10'000; ++i) {
        Hello hello;
        hello.random = static_cast<std::uint8_t>(i);
        hello.message_number = static_cast<std::uint16_t>(i % 3);
        if (i % 4 == 3) hello.cookie = Datagram(32, static_cast<std::uint8_t>(i));
        const Datagram datagram =
            i % 2 == 0 ? hello.datagram() : hello.piece(0, 36 + hello.cookie.size());
        if (with.receive(datagram, "10.0.0.1:" + std::to_string(i)) != Action::answer) FAIL(i);
        if (with.listener.answer().size() >= datagram.size()) FAIL(i);
        cookies.insert(with.cookie());
    }
    CHECK(cookies.size() == 10'000);
    CHECK(with.receive(second.piece(80, second.message().size())) == Action::accept);
}
