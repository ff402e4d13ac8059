// Client and server on one board, in memory: which peers are accepted, and the costs.
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
        moved = move(a, b);
        b.handshake();
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

struct Case {
    std::string_view what;
    ussl::Bytes certificate, key;
    std::string_view name;
    ussl::Err expected;
};

void run(const Case& a_case) {
    const ussl::Bytes anchors[] = {material::authority};
    const ussl::Bytes chain[] = {a_case.certificate};

    ussl::ContextConfig config;
    config.trust_anchors = anchors;
    ussl::Error error = client_context.open(config, board::environment());
    config = {};
    config.role = ussl::Role::server;
    config.verify = ussl::Verify::none;
    config.policy.check_time = false; // the client refuses expired certificates
    config.credential = {chain, a_case.key};
    if (error.code == ussl::Err::none) error = server_context.open(config, board::environment());
    if (error.code == ussl::Err::none) error = server.open(server_context, {});
    if (error.code == ussl::Err::none)
        error = client.open(client_context, {.sni = "test.example", .dns_name = a_case.name});

    Side client_side{client}, server_side{server};
    heap::forget_peak();
    const bool through = error.code == ussl::Err::none && shake_hands(client_side, server_side);
    if (error.code == ussl::Err::none) error = client.error();
    check(a_case.what,
          error.code == a_case.expected && through == (a_case.expected == ussl::Err::none));
    if (through) {
        report("client, instructions", client_side.instructions);
        report("server, instructions", server_side.instructions);
        report("heap of both, peak", heap::use().peak);
        report("heap of both, idle", heap::use().now);
        check("data, there and back", transfer(client_side, server_side, "ping") &&
                                          transfer(server_side, client_side, "pong"));
    }
    client.release();
    server.release();
    client_context.close();
    server_context.close();
    check("no memory is kept", heap::use().blocks == 0);
}

} // namespace

int main() {
    using namespace material;
    ussl::set_allocator(heap::allocator);
    board::paint_stack();
    run({"a good chain is accepted", good, good_key, "test.example", ussl::Err::none});
    check("heap within its limit", heap::use().peak <= USSL_HEAP_LIMIT);
    run({"an expired certificate is refused", expired, expired_key, "test.example",
         ussl::Err::expired});
    run({"another host's certificate is refused", good, good_key, "other.example",
         ussl::Err::wrong_host});
    run({"an untrusted certificate is refused", untrusted, untrusted_key, "test.example",
         ussl::Err::untrusted});
    report("stack", board::stack_peak());
    check("stack within its limit", board::stack_peak() <= USSL_STACK_LIMIT);
    board::print(std::uint32_t{passed});
    board::print(" passed, ");
    board::print(std::uint32_t{failed});
    board::print(" failed\n");
    board::exit(failed == 0);
}
