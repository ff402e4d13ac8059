// What the numbers of record_size_limit mean (RFC 8449), and which the rules refuse.
#include "support/doctest.hpp"
#include "support/raw.hpp"

#include "ussl/backend/message_rules.hpp"
#include "ussl/backend/record_size_limit.hpp"

#include <string>

using namespace ussl;
using namespace test::raw;

#if USSL_RECORD_SIZE_LIMIT

namespace {

RecordSizeLimit agreed(std::uint16_t plain, bool tls1_3, unsigned peers) {
    RecordSizeLimit limit;
    limit.start(plain);
    CHECK(limit.read(as_bytes(u16(peers))) == Alert::close_notify);
    limit.announce(!tls1_3, tls1_3);
    return limit;
}

constexpr std::uint16_t gcm = 0xc02b, chacha20 = 0xcca9, gcm_1_3 = 0x1301;

std::string client_hello_with(const std::string& extensions) {
    return u16(0x0303) + std::string(32, 'r') + u8(0) + sized16(u16(gcm)) + u8(1) + u8(0) +
           sized16(extension(13, sized16(u16(0x0403))) + extensions);
}
std::string server_hello_with(const std::string& extensions) {
    return u16(0x0303) + std::string(32, 'r') + u8(0) + u16(gcm) + u8(0) + sized16(extensions);
}

} // namespace

TEST_CASE("the number that is announced") {
    const struct {
        std::uint16_t plain;
        bool tls1_2, tls1_3;
        unsigned announced;
    } rows[] = {
        {64, true, false, 64},       {64, false, true, 65},       {64, true, true, 64},
        {16384, true, false, 16384}, {16384, false, true, 16385}, {16384, true, true, 16385},
        {16383, true, true, 16383},  {16383, false, true, 16384}, {0, true, true, 0},
    };
    for (const auto& row : rows) {
        if (row.tls1_3 && !features::tls1_3) continue;
        CAPTURE(row.plain);
        RecordSizeLimit limit;
        limit.start(row.plain);
        CHECK(limit.announce(row.tls1_2, row.tls1_3) == row.announced);
        CHECK_FALSE(limit.is_agreed());
    }
    RecordSizeLimit unasked;
    unasked.start(64);
    CHECK(unasked.answer(false) == 0);
}

TEST_CASE("the number that is read") {
    const struct {
        const char* what;
        std::string data;
        Alert alert;
    } rows[] = {
        {"nothing", {}, Alert::decode_error},
        {"one byte", u8(64), Alert::decode_error},
        {"three bytes", u16(64) + u8(0), Alert::decode_error},
        {"zero", u16(0), Alert::illegal_parameter},
        {"63", u16(63), Alert::illegal_parameter},
        {"64", u16(64), Alert::close_notify},
        {"the largest", u16(65535), Alert::close_notify},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        RecordSizeLimit limit;
        limit.start(100);
        CHECK(limit.read(as_bytes(row.data)) == row.alert);
    }
}

TEST_CASE("what the peer accepts, and what both ends do") {
    const struct {
        std::uint16_t plain;
        bool tls1_3;
        unsigned peers;
        std::size_t for_peer, for_both;
    } rows[] = {
        {64, false, 64, 64, 64},
        {100, false, 64, 64, 64},
        {100, true, 64, 63, 63},
        {100, true, 65535, 16384, 100},
        {100, false, 65535, 16384, 100},
        {16384, true, 16385, 16384, 16384},
        {16384, true, 16384, 16383, 16383},
        {16384, false, 16385, 16384, 16384},
    };
    for (const auto& row : rows) {
        if (row.tls1_3 && !features::tls1_3) continue;
        CAPTURE(row.plain);
        CAPTURE(row.peers);
        const RecordSizeLimit limit = agreed(row.plain, row.tls1_3, row.peers);
        CHECK(limit.is_agreed());
        CHECK(limit.for_peer(row.tls1_3) == row.for_peer);
        CHECK(limit.for_both(row.tls1_3) == row.for_both);
    }
    RecordSizeLimit alone;
    alone.start(100);
    alone.announce(true, false);
    CHECK(alone.for_peer(false) == 16384);
    CHECK(alone.for_both(false) == 16384);
    CHECK_FALSE(alone.is_exceeded(16384 + 24, gcm, false));
    RecordSizeLimit again = agreed(100, false, 64);
    again.forget();
    CHECK_FALSE(again.is_agreed());
}

TEST_CASE("records that are longer than announced, by their headers") {
    const RecordSizeLimit old = agreed(100, false, 1000);
    CHECK_FALSE(old.is_exceeded(100 + 24, gcm, false));
    CHECK(old.is_exceeded(100 + 25, gcm, false));
    CHECK_FALSE(old.is_exceeded(100 + 16, chacha20, false));
    CHECK(old.is_exceeded(100 + 17, chacha20, false));
    if (!features::tls1_3) return;
    const RecordSizeLimit recent = agreed(100, true, 1000);
    CHECK_FALSE(recent.is_exceeded(101 + 16, gcm_1_3, true));
    CHECK(recent.is_exceeded(101 + 17, gcm_1_3, true));
}

TEST_CASE("limits in hellos: what the rules read and refuse") {
    const std::string good = extension(28, u16(64)), bad = extension(28, u16(63)),
                      fragments = extension(1, u8(1));
    const struct {
        const char* what;
        std::string extensions;
        Err error;
        Alert alert;
        bool agreed;
    } rows[] = {
        {"none", {}, Err::none, Alert::close_notify, false},
        {"the least", good, Err::none, Alert::close_notify, true},
        {"less", bad, Err::bad_message, Alert::illegal_parameter, false},
        {"no number", extension(28, {}), Err::bad_message, Alert::decode_error, false},
        {"twice", good + good, Err::bad_message, Alert::decode_error, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        if (features::server) {
            MessageRules server;
            server.start(Role::server, false);
            server.record_size_limit().start(100);
            CHECK(server.check(1, as_bytes(client_hello_with(row.extensions))) == row.error);
            if (row.error != Err::none)
                CHECK(server.alert() == row.alert);
            else
                CHECK((server.record_size_limit().answer(false) != 0) == row.agreed);
        }
        if (features::client) {
            MessageRules client;
            client.start(Role::client, false);
            client.record_size_limit().start(100);
            client.record_size_limit().announce(true, false);
            client.sent_hello(as_bytes(client_hello_with(good + fragments)));
            CHECK(client.check(2, as_bytes(server_hello_with(row.extensions))) == row.error);
            if (row.error != Err::none) CHECK(client.alert() == row.alert);
            if (row.error == Err::none) CHECK(client.record_size_limit().is_agreed() == row.agreed);
        }
    }
    if (!features::client) return;
    MessageRules client;
    client.start(Role::client, false);
    client.record_size_limit().start(100);
    client.sent_hello(as_bytes(client_hello_with(good + fragments)));
    CHECK(client.check(2, as_bytes(server_hello_with(fragments + good))) == Err::bad_message);
    CHECK(client.alert() == Alert::illegal_parameter);
    client.sent_hello(as_bytes(client_hello_with(fragments)));
    CHECK(client.check(2, as_bytes(server_hello_with(good))) == Err::bad_message);
    CHECK(client.alert() == Alert::unsupported_extension);
    // An end that does not use it.
    MessageRules without;
    without.start(Role::server, false);
    CHECK(without.check(1, as_bytes(client_hello_with(bad))) == Err::none);
    CHECK_FALSE(without.record_size_limit().is_agreed());
}

#endif
