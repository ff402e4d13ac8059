// A client that does not know its peer: the default sizes. Until a long record comes, neither the
// session nor a block of the heap has more than 8 KB; the record's memory is freed when it was
// read; and if there is none, the error says what to do. run_serial.py --records 16384 is the other
// end of the line.
#include "board/board.hpp"
#include "board/heap.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

namespace {

constexpr std::size_t most = 8192;
constexpr ussl::Bytes anchors[] = {material::authority};

ussl::selected::Context context;
ussl::selected::Session session;
std::uint8_t bytes[16384];
board::SerialLine line;

bool good = true;

void check(std::string_view what, bool is_so) {
    good = good && is_so;
    board::print(is_so ? "ok   " : "FAIL ");
    board::print(what);
    board::print("\n");
}

void report(std::string_view what, std::size_t number) {
    board::print("     ");
    board::print(what);
    board::print(" ");
    board::print(static_cast<std::uint32_t>(number));
    board::print("\n");
}

using Pump = ussl::Pump<ussl::selected::Session, board::SerialLine>;

bool receive(Pump& pump, std::size_t total) {
    for (std::size_t got = 0; got < total;) {
        const ussl::PumpResult result = pump.read(ussl::MutableBytes{bytes}.first(total - got));
        if (result.status != ussl::Status::ok) return false;
        got += result.bytes;
    }
    return true;
}

// A line, which the server sends back, turned round, in a record of 16 KB; and an empty one.
bool send_long_line(Pump& pump) {
    for (std::uint8_t& byte : bytes)
        byte = 'x';
    bytes[sizeof bytes - 2] = bytes[sizeof bytes - 1] = '\n';
    return pump.write(bytes).status == ussl::Status::ok;
}

bool is_refused_for_memory(Pump& pump) {
    if (receive(pump, sizeof bytes)) return false;
    const ussl::Error error = session.error();
    report("error", static_cast<std::size_t>(error.code));
    board::print(ussl::message(error.code));
    board::print("\n");
    return error.code == ussl::Err::no_memory_for_record;
}

void run() {
    ussl::set_allocator(heap::allocator);
    ussl::ContextConfig config;
    config.trust_anchors = anchors;
    if constexpr (!ussl::selected::capabilities.verification) config.verify = ussl::Verify::none;
    ussl::Error error = context.open(config, board::environment());
    if (error.code == ussl::Err::none)
        error = session.open(context, {.sni = "test.example", .dns_name = "test.example"});
    check("context and session open", error.code == ussl::Err::none);

    Pump pump(session, line);
    check("handshake", pump.handshake().status == ussl::Status::ok);
    report("session", sizeof session);
    report("largest block of the handshake", heap::use().largest);
    check("no more than 8 KB in one piece", sizeof session <= most && heap::use().largest <= most);

    constexpr std::string_view hello = "hello\n";
    check("a short record", pump.write(ussl::as_bytes(hello)).status == ussl::Status::ok &&
                                receive(pump, hello.size()));
    board::print({reinterpret_cast<const char*>(bytes), hello.size()});
    const std::size_t idle = heap::use().now;
    report("heap when idle", idle);
    check("still no more than 8 KB", heap::use().largest <= most);

    check("a record of 16 KB", send_long_line(pump) && receive(pump, sizeof bytes));
    report("largest block", heap::use().largest);
    check("has had memory of its own", heap::use().largest >= sizeof bytes);
    check("which is free again", heap::use().now <= idle);

    heap::refuse_blocks_over(most);
    check("no memory for the next one", send_long_line(pump) && is_refused_for_memory(pump));
    session.release();
    context.close();
    check("no memory is kept", heap::use().blocks == 0);
}

} // namespace

int main() {
    run();
    board::exit(good);
}
