// Measures serial_client.cpp: memory and instructions of a full handshake, of 16 KiB each way,
// and of a resumed handshake where the build has resumption. For tools/size-report; run_serial.py
// is the other end of the line.
#include "board/board.hpp"
#include "board/heap.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

namespace {

constexpr ussl::Bytes anchors[] = {material::authority};
constexpr ussl::Capabilities capabilities = ussl::selected::capabilities;

ussl::selected::Context context;
ussl::selected::Session session;
std::uint8_t bytes[16384];

bool fail(ussl::Error error) {
    board::print("error ");
    board::print(static_cast<std::uint32_t>(error.code));
    board::print("\n");
    return false;
}

void report(std::string_view what, std::size_t number) {
    board::print(what);
    board::print(" ");
    board::print(static_cast<std::uint32_t>(number));
    board::print("\n");
}

// Finds the end of records (RFC 8446, 5.1) in bytes that come one by one.
class RecordEnd {
public:
    bool is_at(std::uint8_t byte) {
        constexpr std::size_t header = 5;
        if (seen_ == 0) type_ = byte;
        if (seen_ == header - 2) length_ = std::size_t{byte} << 8;
        if (seen_ == header - 1) length_ |= byte;
        if (seen_ == header) first_ = byte;
        if (++seen_ < header || seen_ < header + length_) return false;
        seen_ = 0;
        return true;
    }
    std::uint8_t type() const { return type_; } // of the last record
    // And its first byte: of a plain handshake message, the message's type (RFC 8446, 4).
    std::uint8_t first() const { return first_; }

private:
    std::size_t seen_ = 0, length_ = 0;
    std::uint8_t type_ = 0, first_ = 0;
};

// The longest time for which a handshake lets nobody else work, in instructions: between two uses
// of the line, where each record comes for itself; and from one write to the next, where all of a
// flight is there at once.
struct Stretches {
    void note(std::uint32_t taken, const RecordEnd& record, bool writes) {
        flight_ += taken;
        if (taken > step) {
            step = taken;
            step_follows = record.type() << 8 | record.first();
        }
        if (flight_ > flight) flight = flight_;
        if (writes) flight_ = 0;
    }

    std::uint32_t step = 0, step_follows = 0, flight = 0;

private:
    std::uint32_t flight_ = 0;
};

// The line; counts instructions while it waits separately. It gives a record, or as
// much of one as there is room for, at a time: how many bytes are there at once depends on how busy
// the host is, and each piece costs the session a call.
class Line {
public:
    ussl::TransportResult read(ussl::MutableBytes into) {
        return timed(false, [&] {
            std::size_t count = 0;
            bool ended = false;
            while (!ended && count < into.size()) {
                line_.read(into.subspan(count, 1));
                ended = record_.is_at(into[count++]);
            }
            return ussl::TransportResult{ussl::TransportResult::Kind::moved, count};
        });
    }
    ussl::TransportResult write(ussl::Bytes from) {
        return timed(true, [&] { return line_.write(from); });
    }

    // Ends the server's connection. The record that asks run_serial.py for it is none of TLS's, and
    // comes back when nothing of that connection will come any more.
    void hang_up() {
        static constexpr std::uint8_t empty_record[5] = {};
        line_.write(empty_record);
        std::uint8_t byte = 0;
        do
            line_.read({&byte, 1});
        while (!record_.is_at(byte) || record_.type() != 0);
    }

    // Instructions since the last call, without those of waiting.
    std::uint32_t instructions() {
        const std::uint32_t now = board::instructions();
        const std::uint32_t result = now - begun_ - waited_;
        begun_ = resumed_ = now;
        waited_ = 0;
        stretches_ = {};
        return result;
    }
    // Of the time since then.
    Stretches stretches() {
        stretches_.note(board::instructions() - resumed_, record_, true);
        return stretches_;
    }

private:
    template<class Move>
    ussl::TransportResult timed(bool writes, Move move) {
        const std::uint32_t from = board::instructions();
        stretches_.note(from - resumed_, record_, writes);
        const ussl::TransportResult result = move();
        resumed_ = board::instructions();
        waited_ += resumed_ - from;
        return result;
    }

    board::SerialLine line_;
    RecordEnd record_;
    std::uint32_t begun_ = 0, waited_ = 0, resumed_ = 0;
    Stretches stretches_;
};

Line line;
ussl::Pump pump(session, line);

bool open_context(bool resumption) {
    ussl::ContextConfig config;
    config.resumption = resumption;
    if constexpr (capabilities.certificates)
        config.trust_anchors = anchors;
    else
        config.psk = {material::psk_identity, material::psk};
    if constexpr (capabilities.certificates && !capabilities.verification) {
        const ussl::Error error = context.open(config, board::environment());
        if (error.code != ussl::Err::unsupported) return fail(error);
        config.verify = ussl::Verify::none;
    }
    const ussl::Error error = context.open(config, board::environment());
    return error.code == ussl::Err::none || fail(error);
}

bool shake_hands(ussl::Bytes resumption) {
    ussl::PeerIdentity server;
    if constexpr (capabilities.certificates) server.sni = server.dns_name = "test.example";
    server.resumption = resumption;
    const ussl::Error error = session.open(context, server);
    if (error.code != ussl::Err::none) return fail(error);
    return pump.handshake().status == ussl::Status::ok || fail(session.error());
}

void hang_up() {
    pump.close();
    session.release();
    line.hang_up();
}

bool receive(std::size_t total) {
    for (std::size_t got = 0; got < total;) {
        const ussl::PumpResult result = pump.read(ussl::MutableBytes{bytes}.first(total - got));
        if (result.status != ussl::Status::ok) return fail(session.error());
        got += result.bytes;
    }
    return true;
}

// As much as a record can hold, in records of the size that the build has.
bool exchange_bulk() {
    for (std::uint8_t& byte : bytes)
        byte = 'x';
    // The server sends lines back, of less than 16 KiB with their end: a long one, and an empty
    // one.
    bytes[sizeof bytes - 2] = bytes[sizeof bytes - 1] = '\n';
    line.instructions();
    if (pump.write(bytes).status != ussl::Status::ok) return fail(session.error());
    report("sending", line.instructions());
    if (!receive(sizeof bytes)) return false;
    report("receiving", line.instructions());
    return true;
}

bool say_hello() {
    constexpr std::string_view hello = "hello\n";
    if (pump.write(ussl::as_bytes(hello)).status != ussl::Status::ok) return fail(session.error());
    if (!receive(hello.size())) return false;
    board::print({reinterpret_cast<const char*>(bytes), hello.size()});
    return true;
}

bool full_handshake() {
    if (!open_context(false)) return false;
    board::paint_stack();
    line.instructions(); // some libraries make keys when they open
    if (!shake_hands({})) return false;
    const Stretches stretches = line.stretches();
    report("handshake", line.instructions());
    report("longest step", stretches.step);
    report("longest step follows", stretches.step_follows);
    report("longest flight", stretches.flight);
    report("heap at the peak", heap::use().peak);
    report("heap when idle", heap::use().now);
    report("context", sizeof context);
    report("session", sizeof session);
    if (!exchange_bulk() || !say_hello()) return false;
    hang_up();
    report("stack", board::stack_peak());
    context.close();
    return true;
}

bool resumed_handshake() {
    if (!open_context(true) || !shake_hands({}) || !say_hello()) return false;
    static std::uint8_t kept[2048];
    const std::size_t size = session.resumption_data(kept);
    hang_up();
    report("resumption data", size);
    line.instructions();
    if (size > sizeof kept || !shake_hands({kept, size})) return false;
    const std::uint32_t taken = line.instructions();
    if (!session.is_resumed()) return fail({});
    report("resumed handshake", taken);
    hang_up();
    context.close();
    return true;
}

bool run() {
    ussl::set_allocator(heap::allocator);
    if (!full_handshake()) return false;
    // psk_server.py, the peer without certificates, has no tickets.
    if constexpr (capabilities.resumption && capabilities.certificates)
        return resumed_handshake();
    else
        return true;
}

} // namespace

int main() { board::exit(run()); }
