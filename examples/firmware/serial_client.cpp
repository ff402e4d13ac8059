// A client on the board, over a serial line: a complete TLS 1.2 or 1.3 client. It sends a line and
// prints the answer.
#include "board/board.hpp"
#include "board/heap.hpp"

#include "material.hpp"

#include <ussl/selected_backend.hpp>

namespace {

// Static memory, of a size that the compiler knows.
ussl::selected::Context context;
ussl::selected::Session session;

constexpr ussl::Bytes anchors[] = {material::authority};
constexpr ussl::Capabilities capabilities = ussl::selected::capabilities;

bool fail(ussl::Error error) {
    board::print("error ");
    board::print(static_cast<std::uint32_t>(error.code)); // ussl::message() has its text
    board::print("\n");
    return false;
}

bool run() {
    ussl::set_allocator(heap::allocator);

    ussl::ContextConfig config; // a client that verifies: the default
    ussl::PeerIdentity server;
    if constexpr (capabilities.certificates) {
        config.trust_anchors = anchors;
        if constexpr (!capabilities.verification)
            config.verify = ussl::Verify::none; // such a build has no other
        server.sni = server.dns_name = "test.example";
    } else {
        config.psk = {material::psk_identity, material::psk};
    }
    if (const ussl::Error error = context.open(config, board::environment());
        error.code != ussl::Err::none)
        return fail(error);
    if (const ussl::Error error = session.open(context, server); error.code != ussl::Err::none)
        return fail(error);

    board::SerialLine line;
    ussl::Pump pump(session, line);
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
    session.release();
    context.close();
    return true;
}

} // namespace

int main() { board::exit(run()); }
