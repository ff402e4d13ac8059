// Numbers, vectors, records and messages on the wire: whole, cut off and malformed ones.
#include "support/doctest.hpp"
#include "support/raw.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/wire.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace ussl;
using namespace std::string_literals;
using namespace test::raw;

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

std::string u32(unsigned value) { return u16(value >> 16) + u16(value & 0xffff); }

std::string sized(const std::string& body, std::size_t length_size) {
    const auto size = static_cast<unsigned>(body.size());
    return length_size == 1   ? u8(size) + body
           : length_size == 2 ? u16(size) + body
                              : u24(size) + body;
}

} // namespace

TEST_CASE("numbers of all sizes and values are read") {
    const struct {
        std::string bytes;
        std::uint32_t value;
    } rows[] = {{"", 0},
                {u8(0), 0},
                {u8(1), 1},
                {u8(0xff), 0xff},
                {u16(0x0100), 256},
                {u16(0xffff), 0xffff},
                {u24(1), 1},
                {u24(0xffffff), 0xffffff},
                {u32(0x80000001), 0x80000001},
                {u32(0xffffffff), 0xffffffff}};
    for (const auto& row : rows) {
        WireReader reader(as_bytes(row.bytes));
        CHECK(reader.number(row.bytes.size()) == row.value);
        CHECK(reader.ended_well());
    }
}

TEST_CASE("numbers are written as they are read, and nothing else changes") {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x0102030405060708}, most}) {
        const auto low = static_cast<std::uint32_t>(value);
        for (std::size_t size = 0; size <= 8; ++size) {
            std::uint8_t room[10];
            std::fill(std::begin(room), std::end(room), std::uint8_t{0xa5});
            WireWriter writer(MutableBytes(room).subspan(1, size));
            writer.number(value, size);
            CHECK(writer.size() == size);
            for (std::size_t i = 0; i < size; ++i)
                CHECK(room[size - i] == static_cast<std::uint8_t>(value >> 8 * i));
            CHECK(room[0] == 0xa5);
            CHECK(room[1 + size] == 0xa5);
            std::uint8_t again[8] = {};
            std::uint64_t read = 0, expected = value;
            if (size == 2) {
                write16(again, low);
                read = number16(again);
                expected = low & 0xffff;
            } else if (size == 4) {
                write32(again, low);
                read = number32(again);
                expected = low;
            } else if (size == 8) {
                write64(again, value);
                read = number64(again);
            } else {
                continue;
            }
            CHECK(read == expected);
            CHECK(equal({again, size}, {room + 1, size}));
        }
    }
}

TEST_CASE("a reader that ends too early is bad, and finds nothing more") {
    const std::string text = u8(7) + "abc";
    const struct {
        const char* what;
        void (*read)(WireReader&);
        bool bad;
    } rows[] = {
        {"all of it", [](WireReader& from) { from.bytes(4); }, false},
        {"nothing, at the end", [](WireReader& from) { from.bytes(4), from.bytes(0); }, false},
        {"one byte more", [](WireReader& from) { from.bytes(5); }, true},
        {"one behind the end", [](WireReader& from) { from.bytes(4), from.number(1); }, true},
        {"a number that is cut off", [](WireReader& from) { from.bytes(2), from.number(3); }, true},
        {"a vector that is cut off", [](WireReader& from) { from.vector(1); }, true},
        {"the length of a vector", [](WireReader& from) { from.bytes(3), from.vector(2); }, true},
        {"as much as there can be",
         [](WireReader& from) { from.bytes(std::numeric_limits<std::size_t>::max()); }, true},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        WireReader reader(as_bytes(text));
        row.read(reader);
        CHECK(reader.is_bad() == row.bad);
        CHECK(reader.at_end());
        CHECK(reader.ended_well() == !row.bad);
        CHECK(reader.number(1) == 0); // this makes it invalid
        CHECK(reader.vector(1).empty());
        CHECK(reader.is_bad());
    }
    WireReader unread(as_bytes(text));
    unread.bytes(3);
    CHECK_FALSE(unread.is_bad());
    CHECK_FALSE(unread.ended_well());
}

TEST_CASE("vectors with lengths of one, two and three bytes are read as written") {
    for (const std::size_t length_size : {1u, 2u, 3u})
        for (const std::size_t size : {0u, 1u, 255u, 256u, 65535u, 65536u}) {
            if (size >> 8 * length_size != 0) continue;
            CAPTURE(length_size);
            CAPTURE(size);
            const std::string body(size, 'v'), text = sized(body, length_size) + "rest";
            WireReader reader(as_bytes(text));
            CHECK(equal(reader.vector(length_size), as_bytes(body)));
            CHECK(equal(reader.bytes(4), as_bytes("rest")));
            CHECK(reader.ended_well());
            std::vector<std::uint8_t> room(size + length_size);
            WireWriter writer{MutableBytes(room)};
            writer.vector(as_bytes(body), length_size);
            CHECK(writer.size() == room.size());
            CHECK(equal(room, as_bytes(text).first(room.size())));
        }
}

TEST_CASE("a writer counts the bytes that it has no room for, and writes those that fit") {
    for (std::size_t size = 0; size <= 8; ++size) {
        std::uint8_t room[9];
        std::fill(std::begin(room), std::end(room), std::uint8_t{0xa5});
        WireWriter writer(MutableBytes(room).first(size));
        writer.number(0x0102, 2);
        writer.vector(as_bytes("abc"), 1);
        writer.bytes(as_bytes("de"));
        CHECK(writer.size() == 8);
        CHECK(equal({room, size}, as_bytes("\x01\x02\x03"
                                           "abcde")
                                      .first(size)));
        CHECK(room[size] == 0xa5);
    }
}

TEST_CASE("a record's header is read in both forms") {
    const std::string tls = record(22, std::string(300, 'x'), 0x0301);
    const RecordHeader header(as_bytes(tls).data());
    CHECK(header.type() == content_type::handshake);
    CHECK(header.version() == 0x0301);
    CHECK(header.length() == 300);
    CHECK(header.record_size() == tls.size());
    const std::string longest = u8(255) + u16(0xffff) + u16(0xffff);
    CHECK(RecordHeader(as_bytes(longest).data()).record_size() == 5 + 65535);
#if USSL_DTLS
    const std::string dtls = u8(23) + u16(0xfefd) + u16(1) + u16(0) + u32(7) + u16(2) + "ab";
    const RecordHeader datagram(as_bytes(dtls).data(), true);
    CHECK(datagram.type() == content_type::application_data);
    CHECK(datagram.version() == dtls1_2_on_wire);
    CHECK(datagram.epoch() == 1);
    CHECK(datagram.length() == 2);
    CHECK(datagram.record_size() == dtls.size());
#endif
    for (unsigned type = 0; type < 300; ++type)
        CHECK(content_type::is_known(type) == (type >= 20 && type <= 23));
}

TEST_CASE("known version numbers have a version, others have none") {
    CHECK(version_of(0x0303) == Version::tls1_2);
    CHECK(version_of(0x0304) == Version::tls1_3);
    for (const unsigned other :
         {0u, 0x0300u, 0x0301u, 0x0302u, 0x0305u, 0xfefdu, 0xfeffu, 0x10303u, 0xffffffffu})
        CHECK(version_of(other) == Version::none);
    CHECK(version_on_wire(false) == 0x0303);
    if (features::dtls) CHECK(version_on_wire(true) == 0xfefd);
}

TEST_CASE("an alert in plain text is recognised by its whole record") {
    const std::string good = alert(2, 40),
                      as_datagram =
                          u8(21) + u16(0xfefd) + std::string(8, '\0') + u16(2) + u8(2) + u8(40);
    CHECK(is_plain_alert(as_bytes(good)));
    if (features::dtls) CHECK(is_plain_alert(as_bytes(as_datagram), true));
    for (const bool datagram : {false, true}) {
        if (datagram && !features::dtls) continue;
        const std::string& whole = datagram ? as_datagram : good;
        for (std::size_t size = 0; size < whole.size(); ++size)
            CHECK_FALSE(is_plain_alert(as_bytes(whole).first(size), datagram));
        CHECK_FALSE(is_plain_alert(as_bytes(whole + "x"), datagram));
        if (features::dtls) CHECK_FALSE(is_plain_alert(as_bytes(whole), !datagram));
        // Another type, version, epoch or length.
        for (std::size_t at = 0; at < whole.size() - 2; ++at) {
            if (at == 2 || (datagram && at >= 5 && at < 11)) continue; // minor version; number
            std::string other = whole;
            other[at] = static_cast<char>(other[at] ^ 1);
            CAPTURE(at);
            CHECK_FALSE(is_plain_alert(as_bytes(other), datagram));
        }
    }
}

TEST_CASE("only a fatal alert in plain text at the end of the output is rewritten") {
    const struct {
        std::string queued, expected; // empty: it does not change
    } rows[] = {
        {"", ""},
        {alert(2, 80), alert(2, 112)},
        {record(22, "hello") + alert(2, 80), record(22, "hello") + alert(2, 112)},
        {alert(1, 80), ""},
        {alert(2, 80).substr(1), ""},
        {alert(2, 80) + record(22, "hello"), ""},
        {record(21, std::string(24, 'x')), ""},
        {record(23, u8(2) + u8(80)), ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.queued);
        std::string queued = row.queued;
        CHECK(rewrite_alert(as_bytes(queued), Alert::unrecognized_name) == !row.expected.empty());
        CHECK(queued == (row.expected.empty() ? row.queued : row.expected));
    }
}

TEST_CASE("which alerts are errors") {
    for (unsigned alert = 0; alert < 256; ++alert)
        for (unsigned level = 0; level < 256; ++level) {
            const bool ends = alert == 0 || alert == 90;
            CHECK(is_error(level, alert, false) == (level == 2));
            CHECK(is_error(level, alert, true) == (level == 2 || !ends));
        }
}

TEST_CASE("extensions are found, except after a truncated one") {
    const std::string list = extension(10, "groups") + extension(0, "") + extension(41, "last");
    const auto found = [](const std::string& in, unsigned type) {
        Bytes data;
        return find_extension(as_bytes(in), type, data) ? std::string(data.begin(), data.end())
                                                        : "none"s;
    };
    CHECK(found(list, 10) == "groups");
    CHECK(found(list, 0) == "");
    CHECK(found(list, 41) == "last");
    CHECK(found(list, 13) == "none");
    CHECK(found("", 0) == "none");
    CHECK(found(extension(0, "first") + extension(0, "second"), 0) == "first");
    for (std::size_t size = 0; size < list.size(); ++size) {
        CAPTURE(size);
        CHECK(found(list.substr(0, size), 41) == "none");
    }
}

TEST_CASE("a Certificate message is read completely or not at all, in both versions") {
    for (const bool tls1_3 : {false, features::tls1_3}) // only the first, in builds without it
        for (const std::size_t count : {0u, 1u, 2u, 9u, 40u}) {
            CAPTURE(tls1_3);
            CAPTURE(count);
            std::string list;
            for (std::size_t i = 0; i < count; ++i)
                list += sized(std::string(1 + i, 'c'), 3) +
                        (tls1_3 ? extension(5, "").insert(0, u16(4)) : "");
            const std::string message = (tls1_3 ? u8(3) + "ctx" : "") + sized(list, 3);
            const SentCertificates sent(as_bytes(message), tls1_3);
            CHECK(sent.readable());
            REQUIRE(sent.all().size() == std::min<std::size_t>(count, x509::max_sent_certificates));
            for (std::size_t i = 0; i < sent.all().size(); ++i)
                CHECK(equal(sent.all()[i], as_bytes(std::string(1 + i, 'c'))));
            for (std::size_t size = 0; size < message.size(); ++size)
                CHECK_FALSE(SentCertificates(as_bytes(message).first(size), tls1_3).readable());
        }
    CHECK_FALSE(SentCertificates({}, false).readable());
    // A certificate that is longer than the list.
    CHECK_FALSE(SentCertificates(as_bytes(u24(4) + u24(2) + "c"), false).readable());
    if (features::tls1_3)
        CHECK_FALSE(
            SentCertificates(as_bytes(u8(0) + u24(5) + u24(1) + "c" + u8(0)), true).readable());
}
