// Two tasks with sessions of the same contexts, client and server, at once, as in a program with an
// RTOS. The program's lock separates them (USSL_LOCKS).
#include "board/board.hpp"
#include "board/heap.hpp"
#include "board/tasks.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

#include <algorithm>

namespace {

constexpr unsigned rounds = 3;

ussl::selected::Context client_context, server_context;

// Those of one task.
struct Ends {
    ussl::selected::Session client, server;
    unsigned good = 0;
};
constinit Ends all[tasks::count];

// The libraries allocate in both tasks.
constexpr ussl::Allocator shared_heap{[](std::size_t size) {
                                          tasks::lock(nullptr);
                                          void* memory = heap::allocator.allocate(size);
                                          tasks::unlock(nullptr);
                                          return memory;
                                      },
                                      [](void* memory) {
                                          tasks::lock(nullptr);
                                          heap::allocator.release(memory);
                                          tasks::unlock(nullptr);
                                      }};

bool move(ussl::selected::Session& from, ussl::selected::Session& to) {
    bool moved = false;
    for (;;) {
        const ussl::Bytes waiting = from.output();
        const ussl::MutableBytes space = to.input_space();
        const std::size_t count = std::min(waiting.size(), space.size());
        if (count == 0) return moved;
        std::copy_n(waiting.begin(), count, space.begin());
        from.output_consume(count);
        to.input_commit(count);
        moved = true;
    }
}

bool converse(Ends& ends) {
    if (ends.server.open(server_context, {}).code != ussl::Err::none) return false;
    if (ends.client.open(client_context, {.sni = "test.example", .dns_name = "test.example"})
            .code != ussl::Err::none)
        return false;
    ussl::Status client = ussl::Status::want_read, server = client;
    for (bool moved = true; moved;) {
        client = ends.client.handshake();
        moved = move(ends.client, ends.server);
        server = ends.server.handshake();
        moved = move(ends.server, ends.client) || moved;
    }
    if (client != ussl::Status::ok || server != ussl::Status::ok) return false;
    std::uint8_t text[600], got[600];
    std::fill(std::begin(text), std::end(text), std::uint8_t{'x'});
    if (ends.client.write(text).bytes != sizeof text) return false;
    move(ends.client, ends.server);
    return ends.server.read(got).bytes == sizeof got && ussl::equal(text, got);
}

void work(unsigned number) {
    Ends& ends = all[number];
    for (unsigned round = 0; round != rounds; ++round) {
        if (converse(ends)) ++ends.good;
        ends.client.release();
        ends.server.release();
    }
}

void check(std::string_view what, bool good, unsigned& failed) {
    board::print(good ? "ok   " : "FAIL ");
    board::print(what);
    board::print("\n");
    if (!good) ++failed;
}

void finished() {
    unsigned failed = 0;
    client_context.close();
    server_context.close();
    check("the first task's connections", all[0].good == rounds, failed);
    check("the second task's", all[1].good == rounds, failed);
    check("they were in each other's way", tasks::waits() != 0, failed);
    check("no memory is kept", heap::use().blocks == 0, failed);
    board::print("     waits for the lock ");
    board::print(tasks::waits());
    board::print("\n");
    board::print(std::uint32_t{4 - failed});
    board::print(" passed, ");
    board::print(std::uint32_t{failed});
    board::print(" failed\n");
    board::exit(failed == 0);
}

} // namespace

int main() {
    ussl::set_allocator(shared_heap);
    ussl::set_locks({nullptr, tasks::lock, tasks::unlock});
    static const ussl::Bytes anchors[] = {material::authority};
    static const ussl::Bytes chain[] = {material::good};
    ussl::ContextConfig config;
    config.trust_anchors = anchors;
    ussl::Error error = client_context.open(config, board::environment());
    config = {};
    config.role = ussl::Role::server;
    config.verify = ussl::Verify::none;
    config.credential = {chain, material::good_key};
    if (error.code == ussl::Err::none) error = server_context.open(config, board::environment());
    if (error.code != ussl::Err::none) board::exit(false);
    tasks::run(work, finished);
}
