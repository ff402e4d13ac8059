// A client on the board that talks over a serial line: the whole of what a TLS 1.2 or 1.3 client
// needs. Built with USSL_MEASURE it also tells what that takes, and runs a script that
// tools/size-report knows: a line, then two records of 16 KiB in total each way.
#include "board/board.hpp"
#include "board/heap.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

namespace {

// Static memory, of a size that the compiler knows.
ussl::selected::Context context;
ussl::selected::Session session;

constexpr ussl::Bytes anchors[] = {material::authority};

bool fail(ussl::Error error) {
    board::print("error ");
    board::print(static_cast<std::uint32_t>(error.code)); // ussl::message() has words for it
    board::print("\n");
    return false;
}

#ifdef USSL_MEASURE
void report(std::string_view what, std::uint32_t number) {
    board::print(what);
    board::print(" ");
    board::print(number);
    board::print("\n");
}

// Tells where a record ends (RFC 8446, 5.1), of bytes that come one by one.
class RecordEnd {
public:
    bool is_at(std::uint8_t byte) {
        constexpr std::size_t header = 5;
        if (seen_ == header - 2) length_ = std::size_t{byte} << 8;
        if (seen_ == header - 1) length_ |= byte;
        if (++seen_ < header || seen_ < header + length_) return false;
        seen_ = 0;
        return true;
    }

private:
    std::size_t seen_ = 0, length_ = 0;
};

// The line, with the instructions that pass while it waits kept apart. It gives a record, or as
// much of one as there is room for, at a time: how many bytes are there at once depends on how busy
// the host is, and each piece costs the session a call.
struct MeasuredLine {
    board::SerialLine line;
    RecordEnd record;
    std::uint32_t waited = 0;
    template<class Move>
    ussl::TransportResult timed(Move move) {
        const std::uint32_t from = board::instructions();
        const ussl::TransportResult result = move();
        waited += board::instructions() - from;
        return result;
    }
    ussl::TransportResult read(ussl::MutableBytes into) {
        return timed([&] {
            std::size_t count = 0;
            bool ended = false;
            while (!ended && count < into.size()) {
                line.read(into.subspan(count, 1));
                ended = record.is_at(into[count++]);
            }
            return ussl::TransportResult{ussl::TransportResult::Kind::moved, count};
        });
    }
    ussl::TransportResult write(ussl::Bytes from) {
        return timed([&] { return line.write(from); });
    }
};
using Line = MeasuredLine;

// 8 KiB there, and as much back: 16 KiB in all.
bool exchange_bulk(ussl::Pump<ussl::selected::Session, Line>& pump, Line& line) {
    static std::uint8_t bytes[1024];
    constexpr std::size_t total = 8 * sizeof bytes;
    for (std::uint8_t& byte : bytes)
        byte = 'x';
    const std::uint32_t begun = board::instructions(), waited = line.waited;
    for (std::size_t sent = 0; sent < total; sent += sizeof bytes) {
        if (sent + sizeof bytes == total) bytes[sizeof bytes - 1] = '\n'; // the server waits for it
        if (pump.write(bytes).status != ussl::Status::ok) return false;
    }
    for (std::size_t got = 0; got < total;) {
        const ussl::PumpResult result = pump.read(bytes);
        if (result.status != ussl::Status::ok) return false;
        got += result.bytes;
    }
    report("bulk instructions", board::instructions() - begun - (line.waited - waited));
    return true;
}
#else
using Line = board::SerialLine;
#endif

bool run() {
    ussl::set_allocator(heap::allocator);

    ussl::ContextConfig config; // a client that verifies: the default
    config.trust_anchors = anchors;
    if constexpr (!ussl::selected::capabilities.verification) {
#ifdef USSL_MEASURE
        const ussl::Error error = context.open(config, board::environment());
        if (error.code != ussl::Err::unsupported) return fail(error);
#endif
        config.verify = ussl::Verify::none; // all that such a build has
    }
    if (const ussl::Error error = context.open(config, board::environment());
        error.code != ussl::Err::none)
        return fail(error);
#ifdef USSL_MEASURE
    board::paint_stack();
    const std::uint32_t begun = board::instructions(); // some libraries make keys when they open
#endif
    if (const ussl::Error error =
            session.open(context, {.sni = "test.example", .dns_name = "test.example"});
        error.code != ussl::Err::none)
        return fail(error);

    Line line;
    ussl::Pump pump(session, line);
#ifdef USSL_MEASURE
    if (pump.handshake().status != ussl::Status::ok) return fail(session.error());
    report("handshake instructions", board::instructions() - begun - line.waited);
    report("heap at the peak", heap::use().peak);
    report("heap when idle", heap::use().now);
    report("context", sizeof context);
    report("session", sizeof session);
#endif
#ifdef USSL_MEASURE
    if (!exchange_bulk(pump, line)) return fail(session.error());
#endif
    if (pump.write(ussl::as_bytes("hello\n")).status != ussl::Status::ok)
        return fail(session.error());
    std::uint8_t buffer[64];
    std::size_t count = 0;
    do { // up to the end of the line
        const ussl::PumpResult got = pump.read(ussl::MutableBytes{buffer}.subspan(count));
        if (got.status != ussl::Status::ok) return fail(session.error());
        count += got.bytes;
    } while (buffer[count - 1] != '\n' && count != sizeof buffer);
    board::print({reinterpret_cast<const char*>(buffer), count});
    pump.close();
#ifdef USSL_MEASURE
    report("stack", board::stack_peak());
#endif
    session.release();
    context.close();
    return true;
}

} // namespace

int main() { board::exit(run()); }
