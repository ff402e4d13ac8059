// Application data: every size, both ways at once, over wires that hold back.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include "ussl/features.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

// A byte for each position of a stream, with a period that divides no buffer's size.
std::uint8_t pattern(std::size_t position) { return static_cast<std::uint8_t>(position % 251); }

// One direction of a transfer.
struct Stream {
    Side& from;
    Side& to;
    std::size_t total;
    std::size_t sent = 0, got = 0;
    bool damaged = false;

    bool done() const { return got == total; }
    void write(std::size_t chunk) {
        std::uint8_t buffer[20000];
        const std::size_t count = std::min({chunk, sizeof buffer, total - sent});
        if (count == 0) return;
        for (std::size_t i = 0; i < count; ++i)
            buffer[i] = pattern(sent + i);
        const PumpResult result = from.pump.write({buffer, count});
        // The next call offers bytes again that were not taken.
        if (result.status == Status::ok) sent += result.bytes;
    }
    void read(std::size_t chunk) {
        std::uint8_t buffer[20000];
        const PumpResult result = to.pump.read({buffer, std::min(chunk, sizeof buffer)});
        if (result.status != Status::ok) return;
        for (std::size_t i = 0; i < result.bytes; ++i)
            damaged = damaged || buffer[i] != pattern(got + i);
        got += result.bytes;
    }
};

// Runs both directions at once; false if they stall.
bool transfer(Stream& there, Stream& back, std::size_t write_chunk, std::size_t read_chunk) {
    unsigned still = 0;
    while (!there.done() || !back.done()) {
        const std::size_t before = there.got + back.got + there.sent + back.sent;
        there.write(write_chunk);
        back.write(write_chunk);
        there.from.pump.flush();
        back.from.pump.flush();
        there.read(read_chunk);
        back.read(read_chunk);
        still = there.got + back.got + there.sent + back.sent == before ? still + 1 : 0;
        if (still == 100000) return false;
    }
    return !there.damaged && !back.damaged;
}

void bulk(const BackendUnderTest& backend, Version version, std::size_t total) {
    CAPTURE(std::string(name_of(version)));
    Established link(backend, version);
    Stream there{link.client(), link.server(), total}, back{link.server(), link.client(), 0};
    // A real transport buffers some 64 KiB.
    link.connection->to_server.capacity = 65536;
    CHECK(transfer(there, back, 16384, 16384));
    CHECK(there.got == total);
}

} // namespace

EACH_BACKEND("messages of all sizes near a record's limits arrive whole") {
    std::vector<std::size_t> sizes{1,   2,    3,    15,   16,   17,   255, 256,
                                   257, 1023, 1024, 1025, 4095, 4096, 4097};
    for (const std::size_t limit : {std::size_t{USSL_RECORD_OUTPUT}, std::size_t{16384}})
        sizes.insert(sizes.end(), {limit - 1, limit, limit + 1, 2 * limit, 2 * limit + 1});
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        std::size_t at = 0;
        for (const std::size_t size : sizes) {
            CAPTURE(size);
            std::vector<std::uint8_t> message(size);
            for (std::uint8_t& byte : message)
                byte = pattern(at++);
            const PumpResult result = link.client().pump.write(message);
            CHECK(result.status == Status::ok);
            CHECK(result.bytes == size);
            link.server().received.clear();
            CHECK(link.server().read_all() == Status::want_read);
            CHECK(link.server().received == std::string(message.begin(), message.end()));
        }
    }
}

EACH_BACKEND("both directions at once, through wires that hold little") {
    const struct {
        std::size_t capacity, max_read, max_write, write_chunk, read_chunk;
        bool stutter;
    } rows[] = {
        {unlimited, unlimited, unlimited, 20000, 20000, false},
        {1, unlimited, unlimited, 100, 100, false},
        {1000, 7, 13, 5000, 11, true},
        {30000, 999, 1001, 17000, 1, false},
        {30000, unlimited, unlimited, 1, 16384, true},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(row.capacity);
            CAPTURE(row.write_chunk);
            Established link(backend, version);
            for (Pipe* pipe : {&link.connection->to_client, &link.connection->to_server}) {
                pipe->capacity = row.capacity;
                pipe->max_read = row.max_read;
                pipe->max_write = row.max_write;
                pipe->stutter = row.stutter;
            }
            const std::size_t total = row.capacity == 1 || row.write_chunk == 1 ? 3000 : 60000;
            Stream there{link.client(), link.server(), total},
                back{link.server(), link.client(), total};
            CHECK(transfer(there, back, row.write_chunk, row.read_chunk));
        }
}

EACH_BACKEND("accepted bytes are sent, even if the next call offers other bytes") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        Session& session = *link.client().session;
        std::string taken;
        std::vector<std::uint8_t> block(50000);
        // Without the wire: the session fills up, and reports how much it took each time.
        for (int round = 0; round < 40; ++round) {
            const std::size_t size =
                round % 2 == 0 ? block.size() : 1 + static_cast<std::size_t>(round);
            std::memset(block.data(), 'a' + round % 26, block.size());
            const IoResult result = session.write({block.data(), size});
            if (result.status == Status::ok) {
                CHECK(result.bytes > 0);
                CHECK(result.bytes <= size);
                taken.append(reinterpret_cast<char*>(block.data()), result.bytes);
                continue;
            }
            REQUIRE(result.status == Status::want_write);
            CHECK(result.bytes == 0);
            CHECK_FALSE(session.output().empty());
            // Some, or all, of the output is sent.
            do {
                const Bytes waiting = session.output();
                const std::size_t part = round % 3 == 0 ? waiting.size() : (waiting.size() + 1) / 2;
                link.connection->to_server.write(waiting.first(part));
                session.output_consume(part);
            } while (round % 3 == 0 && !session.output().empty());
        }
        link.client().pump.flush();
        CHECK(link.server().read_all() == Status::want_read);
        CHECK(link.server().received.size() == taken.size());
        CHECK(link.server().received == taken);
    }
}

EACH_BACKEND("input_commit() returns false only if read() has nothing") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        link.client().read_all();
        Session& session = *link.client().session;
        Pipe& pipe = link.connection->to_client;
        for (const std::size_t size : {1u, 64u, 300u, 1200u, 16384u, 40000u}) {
            CAPTURE(size);
            const std::string sent(size, 'x');
            REQUIRE(link.server().write(sent) == size);
            std::string received;
            while (received.size() < size) {
                const MutableBytes space = session.input_space();
                REQUIRE_FALSE(space.empty());
                // In pieces that are not whole records.
                const TransportResult came =
                    pipe.read(space.first(std::min<std::size_t>(space.size(), 199)));
                REQUIRE(came.kind == TransportResult::Kind::moved);
                const bool enough = session.input_commit(came.bytes);
                std::uint8_t plain[500];
                for (;;) {
                    const IoResult result = session.read(plain);
                    if (result.output_is_empty) CHECK(session.output().empty());
                    if (result.status != Status::ok) {
                        REQUIRE(result.status == Status::want_read);
                        break;
                    }
                    CHECK(enough);
                    received.append(reinterpret_cast<char*>(plain), result.bytes);
                }
            }
            CHECK(received == sent);
        }
    }
}

EACH_BACKEND("output_consume() returns whether there is more output") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        link.client().read_all();
        Session& session = *link.client().session;
        for (const std::size_t size : {1u, 100u, 16000u})
            for (const std::size_t part : {std::size_t{7}, std::size_t{1000}, std::size_t{20000}}) {
                CAPTURE(size);
                CAPTURE(part);
                const std::string text(size, 'x');
                REQUIRE(session.write(as_bytes(text)).bytes == size);
                session.write(as_bytes(text)); // behind it, if there is room
                bool more = true;
                while (more) {
                    const Bytes waiting = session.output();
                    REQUIRE_FALSE(waiting.empty());
                    const std::size_t count = std::min(part, waiting.size());
                    link.connection->to_server.write(waiting.first(count));
                    more = session.output_consume(count);
                    CHECK(more == !session.output().empty());
                }
                CHECK(link.server().read_all() == Status::want_read);
            }
    }
}

EACH_BACKEND("an empty write sends nothing, and a read into an empty buffer is ok and 0") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        link.client().read_all();
        const std::size_t before = link.connection->to_server.sent;
        PumpResult result = link.client().pump.write({});
        CHECK(result.status == Status::ok);
        CHECK(result.bytes == 0);
        CHECK(link.connection->to_server.sent == before);
        result = link.client().pump.read({});
        CHECK(result.status == Status::ok);
        CHECK(result.bytes == 0);
        link.server().write("x");
        CHECK(link.client().pump.read({}).status == Status::ok);
        CHECK(link.client().read_all() == Status::want_read);
        CHECK(link.client().received == "x");
        link.client().session->input_commit(0);
        link.client().session->output_consume(0);
        CHECK(link.client().read_all() == Status::want_read);
    }
}

EACH_BACKEND("readable() counts the bytes that read() returns without further input") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        CHECK(link.client().session->readable() == 0);
        link.server().write("0123456789");
        std::uint8_t some[4];
        REQUIRE(link.client().pump.read(some).bytes == 4);
        CHECK(link.client().session->readable() == 6);
        REQUIRE(link.client().session->read(some).bytes == 4);
        CHECK(link.client().session->readable() == 2);
        REQUIRE(link.client().session->read(some).bytes == 2);
        CHECK(link.client().session->readable() == 0);
        CHECK(link.client().session->read(some).status == Status::want_read);
    }
}

EACH_BACKEND("two records that arrive together are both read") {
    for (const Version version : versions_of(backend)) {
        Established link(backend, version);
        link.server().write("one");
        link.server().write("two");
        link.server().write("three");
        CHECK(link.client().read_all(2) == Status::want_read);
        CHECK(link.client().received == "onetwothree");
    }
}

EACH_BACKEND("4 MB") {
    for (const Version version : versions_of(backend))
        bulk(backend, version, 4u << 20);
}

// meson test --suite long runs it.
EACH_BACKEND("100 MB [long]") {
    for (const Version version : versions_of(backend))
        bulk(backend, version, 100'000'000);
}
