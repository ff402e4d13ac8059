// How many records without data are accepted in a row, and what ends the count.
#include "support/doctest.hpp"
#include "support/raw.hpp"

#include "ussl/backend/useless_records.hpp"

#include <span>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::uint16_t within_handshake = 0, gcm = 0xc02b, chacha20 = 0xcca9, tls1_3 = 0x1301;
constexpr std::uint16_t short_tag = features::aes_ccm ? 0xc0ae : gcm; // AES-CCM_8
constexpr std::uint8_t short_expansion = features::aes_ccm ? 16 : 24;
constexpr unsigned no_bound = 5000;

std::string of_length(unsigned type, std::size_t length) {
    return raw::record(type, std::string(length, 'x'));
}
const std::string warning = raw::alert(1, 90), change_cipher_spec = raw::record(20, raw::u8(1)),
                  hello_request = raw::handshake(0, "");

struct Row {
    const char* what;
    std::uint16_t suite;
    std::string record;
    unsigned most; // in a row
};

const Row rows[] = {
    {"warnings", within_handshake, warning, 4},
    {"ChangeCipherSpecs", within_handshake, change_cipher_spec, 32},
    {"HelloRequests", within_handshake, hello_request, 32},
    {"empty records", within_handshake, of_length(22, 0), 32},
    {"empty records of data", within_handshake, of_length(23, 0), 0},
    {"pieces of a message", within_handshake, of_length(22, 1), no_bound},
    {"messages", within_handshake, raw::handshake(11, "certificate"), no_bound},
    {"records under the keys of the handshake", within_handshake, of_length(23, 30), no_bound},
    {"warnings under AES-GCM", gcm, of_length(21, 26), 4},
    {"HelloRequests under AES-GCM", gcm, of_length(22, 28), 32},
    {"empty records under AES-GCM", gcm, of_length(23, 24), 32},
    {"empty records with short tags", short_tag, of_length(23, short_expansion), 32},
    {"data with short tags", short_tag, of_length(23, short_expansion + 1), no_bound},
    {"data under AES-GCM", gcm, of_length(23, 25), no_bound},
    {"warnings under ChaCha20", chacha20, of_length(21, 18), 4},
    {"empty records under ChaCha20", chacha20, of_length(23, 16), 32},
    {"data under ChaCha20", chacha20, of_length(23, 17), no_bound},
    {"alerts of TLS 1.3", tls1_3, of_length(23, 19), 4},
    {"empty records of TLS 1.3", tls1_3, of_length(23, 17), 32},
    {"KeyUpdates", tls1_3, of_length(23, 22), 32},
    {"pieces of a ticket", tls1_3, of_length(23, 18), 4096},
    {"tickets, or padding", tls1_3, of_length(23, 300), 4096},
};

// Those of TLS 1.3 come last.
std::span<const Row> rows_of_build() {
    constexpr std::size_t of_tls1_3 = 5;
    return std::span(rows).first(std::size(rows) - (features::tls1_3 ? 0 : of_tls1_3));
}

// Of a session with this suite, or within its handshake.
UselessRecords with_suite(std::uint16_t suite) {
    UselessRecords records;
    if (suite != within_handshake) records.established(suite);
    return records;
}

// How many records like `record` pass, opened one by one, in pieces of `piece` bytes.
unsigned passing(const Row& row, std::size_t piece) {
    UselessRecords records = with_suite(row.suite);
    for (unsigned count = 0; count < no_bound; ++count) {
        for (Bytes rest = as_bytes(row.record); !rest.empty();) {
            const std::size_t size = std::min(piece, rest.size());
            records.see(rest.first(size), true);
            rest = rest.subspan(size);
        }
        records.opened(false);
        if (records.are_too_many()) return count;
    }
    return no_bound;
}

} // namespace

TEST_CASE("records without data are limited, by their kind") {
    for (const Row& row : rows_of_build()) {
        CAPTURE(std::string(row.what));
        for (const std::size_t piece : {1u, 3u, 5u, 7u, 1000u})
            CHECK(passing(row, piece) == row.most);
    }
}

TEST_CASE("data ends the count of records without data") {
    for (const Row& row : rows_of_build()) {
        if (row.suite == within_handshake || row.most == no_bound) continue;
        CAPTURE(std::string(row.what));
        UselessRecords records = with_suite(row.suite);
        for (unsigned count = 1; count <= 3 * row.most; ++count) {
            records.see(as_bytes(row.record), true);
            records.opened(count % row.most == 0);
        }
        CHECK(!records.are_too_many());
    }
    // They came together: only the headers tell them apart.
    UselessRecords together = with_suite(gcm);
    std::string bytes;
    for (int i = 0; i < 5; ++i)
        bytes += of_length(23, 24) + of_length(21, 26) + of_length(23, 25);
    together.see(as_bytes(bytes), true);
    CHECK(!together.are_too_many());
}

TEST_CASE("data that looks like records without data does not count as such") {
    if (!features::tls1_3) return;
    UselessRecords records = with_suite(tls1_3);
    std::string bytes;
    for (int i = 0; i < 100; ++i)
        bytes += of_length(23, 17 + 2); // two bytes each, as an alert
    records.see(as_bytes(bytes), true);
    records.opened(true);
    CHECK(!records.are_too_many());
}

TEST_CASE("records that come along with the end of the handshake are counted") {
    const struct {
        const char* what;
        std::uint16_t suite;
        std::size_t length;
        unsigned count;
        bool too_many;
    } along[] = {
        {"empty ones", gcm, 24, 33, true},
        {"fewer", gcm, 24, 32, false},
        {"data", gcm, 25, 33, false},
        {"empty ones under ChaCha20", chacha20, 16, 33, true},
        {"data of eight bytes under ChaCha20", chacha20, 24, 33, false},
        {"TLS 1.3, where they may be messages", tls1_3, 24, 33, false},
    };
    for (const auto& row : along) {
        if (row.suite == tls1_3 && !features::tls1_3) continue;
        CAPTURE(std::string(row.what));
        std::string bytes = of_length(22, 40);
        for (unsigned i = 0; i < row.count; ++i)
            bytes += of_length(23, row.length);
        UselessRecords records;
        records.see(as_bytes(bytes + of_length(23, 100)), true);
        CHECK(!records.are_too_many());
        records.established(row.suite);
        records.opened(true);
        CHECK(records.are_too_many() == row.too_many);
        CHECK(records.are_before_data() == row.too_many);
    }
}

TEST_CASE("data before too many records without data are delivered, those behind them are not") {
    std::string flood;
    for (int i = 0; i < 33; ++i)
        flood += of_length(23, 24);
    const std::string data = of_length(23, 100);
    const struct {
        const char* what;
        std::string bytes;
        unsigned delivered; // records of data
    } floods[] = {
        {"behind", flood + data, 0},
        {"before", data + flood, 1},
        {"both", data + data + flood + data, 2},
        {"none", flood, 0},
    };
    for (const auto& row : floods) {
        CAPTURE(std::string(row.what));
        UselessRecords records = with_suite(gcm);
        records.see(as_bytes(row.bytes), false);
        CHECK(records.are_too_many());
        for (unsigned i = 0; i < row.delivered; ++i) {
            records.opened(true);
            CHECK(!records.are_before_data());
        }
        records.opened(true);
        CHECK(records.are_before_data());
    }
}

TEST_CASE("in TLS 1.2 no data come between ChangeCipherSpec and Finished") {
    const std::string empty = of_length(23, 24), finished = of_length(22, 40);
    const struct {
        const char* what;
        std::string bytes;
        bool tls1_3, refused;
    } flights[] = {
        {"an empty record", change_cipher_spec + empty + finished, false, true},
        {"data", change_cipher_spec + of_length(23, 100), false, true},
        {"behind a warning", change_cipher_spec + of_length(21, 26) + empty, false, true},
        {"behind Finished", change_cipher_spec + finished + empty, false, false},
        {"where it may be TLS 1.3's", change_cipher_spec + empty, true, false},
    };
    for (const auto& row : flights) {
        CAPTURE(std::string(row.what));
        UselessRecords records;
        records.see(as_bytes(row.bytes), row.tls1_3);
        CHECK(records.are_too_many() == row.refused);
    }
}
