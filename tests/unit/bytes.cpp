// Views, wiping, and the staging queue.
#include "support/doctest.hpp"

#include "ussl/backend/byte_queue.hpp"
#include "ussl/bytes.hpp"

#include <algorithm>
#include <deque>

using namespace ussl;

TEST_CASE("equal() compares length and contents") {
    CHECK(equal({}, {}));
    CHECK(equal(as_bytes("abc"), as_bytes("abc")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("ab")));
    CHECK_FALSE(equal(as_bytes("ab"), as_bytes("abc")));
}

TEST_CASE("wipe() leaves zeros, and nothing beyond its view changes") {
    std::uint8_t secret[] = {9, 9, 9, 9};
    wipe(MutableBytes(secret).subspan(1, 2));
    CHECK(equal(secret, as_bytes(std::string_view("\x09\0\0\x09", 4))));
    wipe({});
}

TEST_CASE("a byte queue gives back what was put in, in order, whatever the sizes") {
    ByteQueue<7> queue;
    std::deque<std::uint8_t> model;
    std::uint8_t next = 0;
    // Sizes that hit every offset, the full and the empty queue.
    for (std::size_t step = 0; step < 1000; ++step) {
        std::uint8_t in[9];
        const std::size_t offered = step % 10;
        for (std::size_t i = 0; i < offered; ++i)
            in[i] = static_cast<std::uint8_t>(next + i);
        const std::size_t taken = queue.append({in, offered});
        REQUIRE(taken == std::min<std::size_t>(offered, 7 - model.size()));
        model.insert(model.end(), in, in + taken);
        next = static_cast<std::uint8_t>(next + taken);
        REQUIRE(queue.size() == model.size());
        REQUIRE(queue.empty() == model.empty());

        std::uint8_t out[9];
        const std::size_t wanted = (step * 7 + 3) % 6;
        const std::size_t got = queue.take({out, wanted});
        REQUIRE(got == std::min(wanted, model.size()));
        REQUIRE(std::equal(out, out + got, model.begin()));
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(got));
    }
}

TEST_CASE("a byte queue's space and front are single pieces") {
    ByteQueue<4> queue;
    queue.append(as_bytes("abcd"));
    CHECK(queue.space().empty());
    queue.consume(3);
    CHECK(queue.space().size() == 3);
    queue.append(as_bytes("efg"));
    CHECK(equal(queue.front(), as_bytes("defg")));
}
