// Which records of a datagram the library gets, and in which form.
#include "support/doctest.hpp"

#include "ussl/backend/datagram_filter.hpp"
#include "ussl/backend/record.hpp"

#include <algorithm>
#include <vector>

using namespace ussl;

#if USSL_DTLS

namespace {

using Datagram = std::vector<std::uint8_t>;
using Stage = DatagramStage;

Datagram record(std::uint8_t type, std::uint8_t epoch, std::uint8_t number,
                const Datagram& content) {
    Datagram all{type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, number, 0, 0};
    write16(all.data() + 11, static_cast<std::uint32_t>(content.size()));
    all.insert(all.end(), content.begin(), content.end());
    return all;
}

Datagram message(std::uint8_t type, std::uint8_t size, std::uint8_t begin, const Datagram& data) {
    Datagram all{type, 0, 0, size, 0, 0, 0, 0, begin, 0, 0, static_cast<std::uint8_t>(data.size())};
    all.insert(all.end(), data.begin(), data.end());
    return all;
}

Datagram operator+(Datagram one, const Datagram& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

struct Filtered {
    DatagramFilter filter;
    Datagram space = Datagram(2000);

    Filtered() = default;
    Filtered(const Filtered&) = delete;
    Filtered& operator=(const Filtered&) = delete;
    ~Filtered() { filter.forget(); }

    Datagram pass(const Datagram& datagram, Stage stage, Role role = Role::client,
                  std::size_t room = 2000) {
        std::copy(datagram.begin(), datagram.end(), space.begin());
        const std::size_t left =
            filter.pass(MutableBytes{space}.first(room), datagram.size(), role, stage, 24);
        return {space.begin(), space.begin() + static_cast<std::ptrdiff_t>(left)};
    }
};

} // namespace

TEST_CASE_FIXTURE(Filtered,
                  "plain records get numbers in order of arrival, protected ones keep theirs") {
    const Datagram done = message(14, 0, 0, {}), sealed = record(23, 1, 99, Datagram(24, 7));
    CHECK(pass(record(22, 0, 200, done), Stage::handshaking) == record(22, 0, 0, done));
    CHECK(pass(record(20, 0, 9, {1}) + sealed, Stage::handshaking) ==
          record(20, 0, 1, {1}) + sealed);
    CHECK(pass(record(23, 1, 99, Datagram(23, 7)), Stage::handshaking).empty()); // too short
    CHECK(pass(sealed, Stage::established) == sealed);
    CHECK(pass(record(22, 0, 200, done) + sealed, Stage::established) == sealed);
    CHECK(pass(sealed, Stage::unverified).empty());
}

TEST_CASE_FIXTURE(Filtered, "several fragments in a record are split into records") {
    const Datagram one = message(11, 9, 0, {1, 2}), other = message(11, 9, 2, {3}),
                   empty = message(11, 9, 3, {}), done = message(14, 0, 0, {});
    const Datagram behind = record(20, 0, 7, {1});
    const Datagram all = record(22, 0, 5, one + empty + other + done) + behind;
    const Datagram expected = record(22, 0, 0, one) + record(22, 0, 1, other) +
                              record(22, 0, 2, done) + record(20, 0, 3, {1});
    CHECK(pass(all, Stage::handshaking) == expected);
    filter.forget();
    // If there is no room, as much as fits.
    const Datagram some = pass(all, Stage::handshaking, Role::client, all.size());
    CHECK(some.size() < expected.size());
    CHECK(some ==
          Datagram(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(some.size())));
}

TEST_CASE_FIXTURE(Filtered, "the pieces of a ClientHello are assembled in any order") {
    Datagram hello(60);
    for (std::size_t i = 0; i < hello.size(); ++i)
        hello[i] = static_cast<std::uint8_t>(i);
    const auto piece = [&](std::uint8_t begin, std::uint8_t end, std::uint8_t number) {
        return record(22, 0, number,
                      message(1, 60, begin, {hello.begin() + begin, hello.begin() + end}));
    };
    const Datagram whole = record(22, 0, 3, message(1, 60, 0, hello));
    const auto unverified = [this](const Datagram& datagram) {
        return pass(datagram, Stage::unverified, Role::server);
    };
    CHECK(unverified(piece(40, 60, 1)).empty());
    CHECK(unverified(piece(0, 20, 2)).empty());
    CHECK(unverified(piece(0, 20, 2)).empty());
    CHECK(unverified(piece(15, 40, 3)) == whole);
    // All of them in one datagram; another message between them starts again.
    CHECK(unverified(piece(0, 30, 1) + piece(30, 60, 3)) == whole);
    CHECK(unverified(piece(0, 30, 1)).empty());
    CHECK(unverified(record(22, 0, 2, message(1, 50, 0, {1, 2}))).empty());
    CHECK(unverified(piece(30, 60, 3)).empty());
    CHECK(unverified(whole + whole) == whole);
    CHECK(unverified(record(22, 0, 1, message(16, 1, 0, {1}))).empty());

    // After the handshake a hello is new if its random differs.
    CHECK(pass(whole, Stage::established, Role::server).empty());
    CHECK_FALSE(filter.has_seen_new_hello());
    hello[33] ^= 1;
    CHECK(
        pass(record(22, 0, 0, message(1, 60, 0, hello)), Stage::established, Role::server).empty());
    CHECK(filter.has_seen_new_hello());
}

#endif
