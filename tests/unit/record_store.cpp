// The store for bytes of records: order, room, and when it uses the heap.
#include "support/doctest.hpp"

#include "ussl/backend/record_input.hpp"
#include "ussl/environment.hpp"
#include "ussl/record_pool.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string>
#include <utility>
#include <vector>

using namespace ussl;

namespace {

// Counts blocks, and refuses them on request. Remembers the contents of the last freed one.
struct Blocks {
    Blocks() : before_(allocator()) {
        held = 0;
        none = false;
        set_allocator({take, give});
    }
    Blocks(const Blocks&) = delete;
    Blocks& operator=(const Blocks&) = delete;
    ~Blocks() { set_allocator(before_); }

    static constexpr std::size_t header = alignof(std::max_align_t);
    static void* take(std::size_t size) {
        if (none) return nullptr;
        ++held;
        // Cleared, so that later contents come from the store.
        auto* const memory = static_cast<std::uint8_t*>(std::calloc(1, header + size));
        std::memcpy(memory, &size, sizeof size);
        return memory + header;
    }
    static void give(void* memory) {
        if (memory == nullptr) return;
        --held;
        auto* const begin = static_cast<std::uint8_t*>(memory) - header;
        std::size_t size = 0;
        std::memcpy(&size, begin, sizeof size);
        last.assign(begin + header, begin + header + size);
        std::free(begin);
    }

    static inline int held = 0;
    static inline bool none = false;
    static inline std::vector<std::uint8_t> last;

private:
    Allocator before_;
};

// Sizes that hit every offset, and the full and the empty store.
template<class Store>
void put_and_take(Store& store, std::size_t largest) {
    std::deque<std::uint8_t> model;
    std::uint8_t next = 0;
    for (std::size_t step = 0; step < 1000; ++step) {
        std::uint8_t in[9];
        const std::size_t offered = step % 10;
        for (std::size_t i = 0; i < offered; ++i)
            in[i] = static_cast<std::uint8_t>(next + i);
        const std::size_t split = offered / 2;
        const bool taken = store.append(Bytes(in).first(split), largest,
                                        Bytes(in).subspan(split, offered - split));
        REQUIRE(taken == (model.size() + offered <= largest));
        if (taken) {
            model.insert(model.end(), in, in + offered);
            next = static_cast<std::uint8_t>(next + offered);
        }
        REQUIRE(store.size() == model.size());
        REQUIRE(store.empty() == model.empty());
        const Bytes stored = std::as_const(store).stored();
        REQUIRE(std::equal(stored.begin(), stored.end(), model.begin(), model.end()));

        const std::size_t gone = std::min((step * 7 + 3) % 6, model.size());
        store.consume(gone);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(gone));
    }
}

} // namespace

TEST_CASE("a store returns its bytes in order, whatever the sizes") {
    const Blocks blocks;
    RecordStore<7, false> fixed;
    put_and_take(fixed, 7);
    CHECK_FALSE(fixed.reserve(8));
    RecordStore<7, true> growing;
    put_and_take(growing, 7);
    CHECK(Blocks::held == 0);
    growing.consume(growing.size());
    put_and_take(growing, 40);
}

TEST_CASE("a store has a block while it holds more than the session's own room") {
    const Blocks blocks;
    RecordStore<4, true> store;
    CHECK(store.append(as_bytes("abcd"), 0));
    CHECK_FALSE(store.append(as_bytes("e"), 0));
    CHECK_FALSE(store.append(as_bytes("efghi"), 8));
    CHECK(Blocks::held == 0);
    CHECK(store.append(as_bytes("efgh"), 8));
    CHECK(Blocks::held == 1);
    CHECK(store.space().empty());
    store.consume(3);
    CHECK(Blocks::held == 1);
    CHECK(equal(store.stored(), as_bytes("defgh")));
    store.consume(1);
    CHECK(Blocks::held == 0);
    CHECK(store.is_in_session());
    CHECK(equal(store.stored(), as_bytes("efgh")));
}

TEST_CASE("without memory a store does not change") {
    const Blocks blocks;
    RecordStore<4, true> store;
    store.append(as_bytes("abc"), 0);
    Blocks::none = true;
    CHECK_FALSE(store.append(as_bytes("de"), 8));
    CHECK_FALSE(store.reserve(5));
    store.consume(1);
    CHECK(equal(store.stored(), as_bytes("bc")));
    CHECK(store.lend(3).empty());
    CHECK(store.append(as_bytes("de"), 8));
}

TEST_CASE("lent room stays in place; bytes in it that are not stored are wiped on return") {
    const Blocks blocks;
    RecordStore<4, true> store;
    MutableBytes lent = store.lend(8);
    REQUIRE(lent.size() == 8);
    std::memcpy(lent.data(), "record--", 8);
    store.commit(6);
    CHECK(store.stored().data() == lent.data());
    store.take_back(); // a record was made
    CHECK(equal(store.stored(), as_bytes("record")));
    CHECK(store.lend(8).empty()); // not before the record is gone
    store.consume(6);
    CHECK(Blocks::held == 0);

    lent = store.lend(8);
    std::memcpy(lent.data(), "secret--", 8);
    store.take_back(); // none was made
    CHECK(Blocks::held == 0);
    CHECK(
        std::all_of(Blocks::last.begin(), Blocks::last.end(), [](auto byte) { return byte == 0; }));
    {
        RecordStore<4, true> dropped;
        dropped.append(as_bytes("secret"), 6);
    }
    CHECK(Blocks::held == 0);
    CHECK(
        std::all_of(Blocks::last.begin(), Blocks::last.end(), [](auto byte) { return byte == 0; }));
}

TEST_CASE("an input shows a record when it is whole, or can never be") {
    const Blocks blocks;
    using Input = RecordInput<16, 40>;
    const auto feed = [](Input& input, std::string_view bytes) {
        for (; !bytes.empty(); bytes.remove_prefix(1)) {
            REQUIRE_FALSE(input.space().empty());
            input.space()[0] = static_cast<std::uint8_t>(bytes[0]);
            input.commit(1);
        }
    };
    const std::string_view header{"\x17\3\3\0\4", 5};
    Input input;
    feed(input, header);
    feed(input, "abc");
    CHECK(input.ready() == 0);
    feed(input, "d");
    CHECK(input.ready() == 9);
    feed(input, header.substr(0, 2)); // of the next
    CHECK(input.record().size() == 9);
    input.use(9);
    input.release();
    CHECK(input.ready() == 0);
    feed(input, header.substr(2));
    feed(input, "efgh");
    CHECK(equal(input.record().subspan(5), as_bytes("efgh")));
    input.use(9);
    input.release();

    SUBCASE("a long one takes a block, and frees it") {
        Blocks::none = false;
        feed(input, std::string_view{"\x17\3\3\0\x20", 5});
        feed(input, std::string(32, 'x'));
        CHECK(input.ready() == 37);
        CHECK(Blocks::held == 1);
        input.use(37);
        input.release();
        CHECK(Blocks::held == 0);
        CHECK(std::search_n(Blocks::last.begin(), Blocks::last.end(), 4, 'x') ==
              Blocks::last.end());
    }
    SUBCASE("without memory it is shown incomplete, and full") {
        Blocks::none = true;
        feed(input, std::string_view{"\x17\3\3\0\x20", 5});
        feed(input, std::string(11, 'x'));
        CHECK(input.ready() == 16);
        CHECK_FALSE(input.is_whole());
        CHECK_FALSE(input.make_room());
        Blocks::none = false;
        CHECK(input.make_room());
        CHECK(input.ready() == 0);
    }
    SUBCASE("one with an invalid header is shown at once") {
        for (const char* bad : {"\x17\3\3\0\x29", "\x18\3\3\0\x01", "\x17\2\3\0\x01"}) {
            Input refused;
            feed(refused, std::string_view{bad, 5});
            CHECK(refused.ready() == 5);
        }
    }
}

TEST_CASE("lent room grows with its contents, which are wiped at the old place") {
    const Blocks blocks;
    RecordStore<4, true> store;
    const MutableBytes lent = store.lend(4);
    std::memcpy(lent.data(), "head", 4);
    CHECK(store.lend_more(4, 4).data() == lent.data()); // there is room, so nothing moves
    CHECK(Blocks::held == 0);

    MutableBytes more = store.lend_more(9, 4);
    REQUIRE(more.size() == 9);
    CHECK(Blocks::held == 1);
    CHECK(equal(Bytes(more).first(4), as_bytes("head")));
    CHECK(equal(Bytes(lent), Bytes(std::vector<std::uint8_t>(4))));
    std::memcpy(more.data() + 4, " and", 4);

    SUBCASE("from one block into the next; only kept bytes move") {
        const std::uint8_t* const before = more.data();
        more = store.lend_more(20, 6);
        REQUIRE(more.size() == 20);
        CHECK(more.data() != before);
        CHECK(Blocks::held == 1);
        CHECK(equal(Bytes(more).first(8), as_bytes(std::string_view("head a\0\0", 8))));
        CHECK(std::all_of(Blocks::last.begin(), Blocks::last.end(),
                          [](auto byte) { return byte == 0; }));
    }
    SUBCASE("without memory everything stays in place") {
        Blocks::none = true;
        CHECK(store.lend_more(20, 8).empty());
        CHECK(equal(Bytes(more).first(8), as_bytes("head and")));
        CHECK(store.lend_more(9, 8).data() == more.data());
    }
    store.take_back();
    CHECK(Blocks::held == 0);
    CHECK(
        std::all_of(Blocks::last.begin(), Blocks::last.end(), [](auto byte) { return byte == 0; }));

    RecordStore<7, false> fixed;
    CHECK(fixed.lend_more(7, 3).size() == 7);
    CHECK(fixed.lend_more(8, 3).empty());
}

TEST_CASE("a pool lends as many blocks as it has, each to one store, and takes them back") {
    using Pool = RecordPool<2, 1000>;
    set_record_allocator(Pool::allocator);
    {
        const Blocks heap;
        RecordStore<16, true> first, second, third;
        CHECK(first.lend(900).size() >= 900);
        CHECK(second.lend(900).size() >= 900);
        CHECK(Pool::lent() == 2);
        CHECK(third.lend(900).empty());
        CHECK(third.is_in_session());
        first.take_back();
        CHECK(Pool::lent() == 1);
        CHECK(third.lend(1001).empty()); // larger than a block
        const MutableBytes lent = third.lend(900);
        REQUIRE(lent.size() >= 900);
        lent[0] = 7;
        third.commit(900);
        third.consume(890);
        CHECK(third.is_in_session());
        CHECK(Pool::lent() == 1);
        CHECK(heap.held == 0); // the heap was not asked
    }
    CHECK(Pool::lent() == 0);
    set_record_allocator({allocate, release});
}

TEST_CASE("a pool's blocks hold the longest records and flights") {
    CHECK(record_block_size >= USSL_RECORD_INPUT + 512);
    CHECK(record_block_size >= USSL_RECORD_OUTPUT + 512);
    CHECK(record_block_size >= USSL_FLIGHT_BUFFER);
}
