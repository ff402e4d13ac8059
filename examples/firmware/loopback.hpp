// Client and server on one board, in memory: what loopback.cpp and psk_loopback.cpp share.
#pragma once

#include "board/board.hpp"
#include "board/heap.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

#include <algorithm>

namespace {

ussl::selected::Context client_context, server_context;
ussl::selected::Session client, server;

constinit unsigned passed = 0, failed = 0;

void check(std::string_view what, bool good) {
    ++(good ? passed : failed);
    board::print(good ? "ok   " : "FAIL ");
    board::print(what);
    board::print("\n");
}

void report(std::string_view what, std::uint32_t number) {
    board::print("     ");
    board::print(what);
    board::print(" ");
    board::print(number);
    board::print("\n");
}

// One end, and the instructions that it took. (Which calls do the work is the library's business.)
struct Side {
    ussl::selected::Session& session;
    std::uint32_t instructions = 0;
    ussl::Status status = ussl::Status::want_read;

    template<class Call>
    auto counted(Call call) {
        const std::uint32_t from = board::instructions();
        const auto result = call();
        instructions += board::instructions() - from;
        return result;
    }
    void handshake() {
        counted([this] { return status = session.handshake(); });
    }
};

// All that waits in `from`, as far as `to` takes it. True if something moved.
bool move(Side& from, Side& to) {
    bool moved = false;
    for (;;) {
        const ussl::Bytes waiting = from.session.output();
        const ussl::MutableBytes space = to.session.input_space();
        const std::size_t count = waiting.size() < space.size() ? waiting.size() : space.size();
        if (count == 0) return moved;
        std::copy(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count),
                  space.begin());
        from.session.output_consume(count);
        to.counted([&] { return to.session.input_commit(count), count; });
        moved = true;
    }
}

// true: both sides have finished.
bool shake_hands(Side& a, Side& b) {
    for (bool moved = true; moved;) {
        a.handshake();
        b.handshake();
        moved = move(a, b);
        moved = move(b, a) || moved;
    }
    return a.status == ussl::Status::ok && b.status == ussl::Status::ok;
}

bool transfer(Side& from, Side& to, std::string_view text) {
    std::uint8_t buffer[32];
    if (from.session.write(ussl::as_bytes(text)).bytes != text.size()) return false;
    move(from, to);
    const ussl::IoResult got = to.session.read(buffer);
    return got.status == ussl::Status::ok && ussl::equal({buffer, got.bytes}, ussl::as_bytes(text));
}

// Of a connection that was tried: its check, what it took, data, and its end.
void conclude(std::string_view what, bool as_expected, bool through, Side& of_client,
              Side& of_server) {
    check(what, as_expected);
    if (through) {
        report("client, instructions", of_client.instructions);
        report("server, instructions", of_server.instructions);
        report("heap of both, peak", heap::use().peak);
        report("heap of both, idle", heap::use().now);
        check("data, there and back",
              transfer(of_client, of_server, "ping") && transfer(of_server, of_client, "pong"));
    }
    client.release();
    server.release();
    client_context.close();
    server_context.close();
    check("no memory is kept", heap::use().blocks == 0);
}

// After the last check.
[[noreturn]] void finish() {
    report("stack", board::stack_peak());
    check("stack within its limit", board::stack_peak() <= USSL_STACK_LIMIT);
    board::print(std::uint32_t{passed});
    board::print(" passed, ");
    board::print(std::uint32_t{failed});
    board::print(" failed\n");
    board::exit(failed == 0);
}

} // namespace
