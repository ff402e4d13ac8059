// The adapter kit besides the wire: the key log, ALPN tables, delays, the age of tickets,
// and fragment lengths.
#include "support/doctest.hpp"
#include "support/heap.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/alpn_table.hpp"
#include "ussl/backend/countdown.hpp"
#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/key_log.hpp"
#include "ussl/backend/own_credentials.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/features.hpp"

#include <string>
#include <vector>

using namespace ussl;
namespace heap = test::heap;

#if USSL_KEY_LOG

TEST_CASE("a line of the key log has a label, a random and a secret, or is not written") {
    std::string line;
    const KeyLog log{&line, [](void* user, std::string_view text) {
                         static_cast<std::string*>(user)->assign(text);
                     }};
    const std::string random(32, '\x0f'), hex = [] {
        std::string text;
        for (int i = 0; i < 32; ++i)
            text += "0f";
        return text;
    }();
    const struct {
        std::string_view label;
        std::size_t random_size;
        std::string secret, expected; // empty: no line
    } rows[] = {
        {key_label::client_random, 32, "\xa9\x5e", "CLIENT_RANDOM " + hex + " a95e"},
        {key_label::client_handshake, 32, std::string(48, '\0'),
         "CLIENT_HANDSHAKE_TRAFFIC_SECRET " + hex + " " + std::string(96, '0')},
        {key_label::exporter, 32, "", "EXPORTER_SECRET " + hex + " "},
        {key_label::client_random, 32, std::string(49, '\0'), ""},
        {key_label::client_random, 31, "s", ""},
        {"", 32, "s", ""},
        {"a label of thirty-three characters", 32, "s", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.label);
        line.clear();
        log_key(log, row.label, as_bytes(random).first(row.random_size), as_bytes(row.secret));
        CHECK(line == row.expected);
    }
}

#endif

#if USSL_ALPN

TEST_CASE("an ALPN table holds the names as C strings, in one block of memory") {
    const std::string longest(255, 'l');
    const std::size_t before = heap::live_blocks();
    for (const std::vector<std::string_view>& names : {std::vector<std::string_view>{},
                                                       {"h2"},
                                                       {"h2", "http/1.1", "x"},
                                                       {longest, "a,b", "\xff"}}) {
        AlpnTable table;
        REQUIRE(table.set(names));
        CHECK(heap::live_blocks() - before == (names.empty() ? 0u : 1u));
        REQUIRE(table.size() == names.size());
        CHECK((table.data() == nullptr) == names.empty());
        for (std::size_t i = 0; i < names.size(); ++i)
            CHECK(std::string_view(table.data()[i]) == names[i]);
        if (!names.empty()) CHECK(table.data()[names.size()] == nullptr);
    }
    {
        AlpnTable table;
        const std::string_view names[] = {"h2"};
        heap::fail_at(1);
        CHECK_FALSE(table.set(names));
        heap::fail_never();
    }
    CHECK(heap::live_blocks() == before);
}

#endif

TEST_CASE("own credentials are read in order up to a refused one, and all are destroyed") {
    struct Own {
        int* alive = nullptr;
        Bytes key;
        Own() = default;
        Own(const Own&) = delete;
        Own& operator=(const Own&) = delete;
        ~Own() {
            if (alive != nullptr) --*alive;
        }
    };
    Credential more[2];
    more[0].private_key = as_bytes("second");
    more[1].private_key = as_bytes("third");
    ContextConfig config;
    config.credential.private_key = as_bytes("first");
    const std::string_view keys[] = {"first", "second", "third"};
    const std::size_t before = heap::live_blocks();
    for (const std::size_t count : {1u, 3u})
        for (std::size_t refused = 0; refused <= count; ++refused) {
            CAPTURE(count);
            CAPTURE(refused);
            config.more_credentials = std::span<const Credential>(more).first(count - 1);
            int alive = 0;
            {
                OwnCredentials<Own> own;
                CHECK(own.all().empty());
                const Err error = own.read(config, [&](Own& one, const Credential& from) {
                    one.alive = &alive;
                    one.key = from.private_key;
                    return static_cast<std::size_t>(alive++) == refused ? Err::key_mismatch
                                                                        : Err::none;
                });
                CHECK(error == (refused < count ? Err::key_mismatch : Err::none));
                const std::size_t made = refused < count ? refused + 1 : count;
                REQUIRE(own.all().size() == made);
                CHECK(static_cast<std::size_t>(alive) == made);
                for (std::size_t i = 0; i < made; ++i)
                    CHECK(equal(own[i].key, as_bytes(keys[i])));
            }
            CHECK(alive == 0);
        }
    {
        OwnCredentials<Own> own;
        heap::fail_at(1);
        CHECK(own.read(config, [](Own&, const Credential&) { return Err::none; }) ==
              Err::no_memory);
        heap::fail_never();
        CHECK(own.all().empty());
    }
    CHECK(heap::live_blocks() == before);
}

TEST_CASE("a countdown ends after its delay, also if the milliseconds wrap") {
    for (const std::uint32_t start : {0u, 1u, 0x7fffffffu, 0xffffff00u, 0xffffffffu}) {
        CAPTURE(start);
        test::TestEnvironment clock;
        Countdown countdown;
        CHECK_FALSE(countdown.is_running());
        CHECK(countdown.left(clock.environment) == no_timeout);
        clock.ticks = start;
        countdown.start(clock.environment, 1000);
        CHECK(countdown.is_running());
        CHECK(countdown.delay() == 1000);
        for (const std::uint32_t gone : {0u, 1u, 999u, 1000u, 1001u, 0x7fffffffu}) {
            clock.ticks = start + gone;
            CHECK(countdown.gone(clock.environment) == gone);
            CHECK(countdown.left(clock.environment) == (gone < 1000 ? 1000 - gone : 0));
        }
        countdown.start(clock.environment, no_timeout);
        CHECK(countdown.left(clock.environment) == no_timeout);
        countdown.start(clock.environment, 0);
        CHECK_FALSE(countdown.is_running());
        CHECK(countdown.left(clock.environment) == no_timeout);
    }
}

TEST_CASE("tickets age by the clock, without one by the milliseconds, without both not at all") {
    test::TestEnvironment clock;
    clock.time = 1900000000;
    clock.ticks = 5999;
    CHECK(ticket_time(clock.environment) == 1900000000);
    CHECK(ticket_milliseconds(clock.environment) == 1900000000000);
    clock.clock_set = false;
    CHECK(ticket_time(clock.environment) == 5);
    CHECK(ticket_stamp(clock.environment) == 5);
    CHECK(ticket_milliseconds(clock.environment) == 5999);
    clock.environment.now = nullptr;
    CHECK(ticket_time(clock.environment) == 5);
    clock.environment.milliseconds = nullptr;
    CHECK(ticket_time(clock.environment) == 0);
    CHECK(ticket_milliseconds(clock.environment) == 0);
}

TEST_CASE("a ticket is valid for a day, if no clock has jumped") {
    constexpr std::uint32_t day = 24 * 3600;
    const struct {
        std::uint32_t then, now;
        bool good;
    } rows[] = {
        {0, 0, true},
        {1000, 1000 + day, true},
        {1000, 1001 + day, false},
        {1000, 1000 + 2 * day, false},
        {1000, 999, false},          // it was set back
        {1000, 1900000000, false},   // it was set at last
        {1900000000, 5, false},      // it was lost
        {0xffffffff, day - 1, true}, // 2106
        {0xffffffff, day, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.then);
        CAPTURE(row.now);
        CHECK(is_ticket_good(row.then, row.now, default_server_session_lifetime) == row.good);
    }
}

TEST_CASE("fragment lengths have the numbers of RFC 6066; other lengths have none") {
    for (std::size_t length = 0; length <= 70000; ++length) {
        const unsigned number = fragment_number(length);
        const bool is_one = length == 512 || length == 1024 || length == 2048 || length == 4096;
        REQUIRE((number != 0) == is_one);
        if (is_one) CHECK(fragment_length(number) == length);
    }
    for (unsigned number = 0; number < 256; ++number)
        if (number == 0 || number > 4) CHECK(fragment_length(number) == 0);
}
