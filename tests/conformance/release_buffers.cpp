// release_buffers(): how much an idle session gives back, and that nothing else changes.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include "ussl/features.hpp"

#include <algorithm>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + i % 23);
    return text;
}

// Transfers `text` in small pieces, with release_buffers() at every opportunity.
void send_resting(Side& from, Side& to, const std::string& text) {
    to.received.clear();
    std::size_t taken = 0;
    for (int idle = 0; to.received.size() != text.size() && idle < 10;) {
        const std::size_t before = taken + to.received.size() + to.wire.in().taken();
        from.session->release_buffers();
        if (taken != text.size())
            taken += from.pump.write(as_bytes(text).subspan(taken, text.size() - taken)).bytes;
        from.session->release_buffers();
        from.pump.flush();
        from.session->release_buffers();
        std::uint8_t piece[700];
        const IoResult result = to.session->read(piece);
        to.session->release_buffers();
        if (result.status == Status::ok)
            to.received.append(reinterpret_cast<const char*>(piece), result.bytes);
        const MutableBytes space = to.session->input_space();
        const TransportResult came =
            to.wire.in().read(space.first(std::min<std::size_t>(space.size(), 61)));
        if (came.kind == TransportResult::Kind::moved) to.session->input_commit(came.bytes);
        to.session->release_buffers();
        idle = taken + to.received.size() + to.wire.in().taken() == before ? idle + 1 : 0;
    }
    CHECK(to.received == text);
}

} // namespace

EACH_BACKEND("release_buffers() at any moment leaves data as it is") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        for (const std::size_t size :
             {1u, 100u, 440u, 460u, 480u, 500u, 512u, 600u, 5000u, 16384u, 40000u}) {
            CAPTURE(size);
            send_resting(link.client(), link.server(), text_of(size));
            send_resting(link.server(), link.client(), text_of(size));
        }
        link.client().session->release_buffers();
        CHECK(link.client().pump.close().status == Status::ok);
        CHECK(link.server().read_all() == Status::closed);
    }
}

EACH_BACKEND("release_buffers() may be called in every state") {
    OwnedSession session(backend);
    session->release_buffers();
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection link(ends.client, ends.server);
    for (int step = 0; step < 8; ++step) {
        link.client.pump.handshake();
        link.client.session->release_buffers();
        link.server.pump.handshake();
        link.server.session->release_buffers();
    }
    CHECK(link.establish());
    CHECK(link.client.pump.close().status == Status::ok);
    link.client.session->release_buffers();
    CHECK(link.server.read_all() == Status::closed);
    link.server.session->release_buffers();
    link.server.session->release();
    link.server.session->release_buffers();
    CHECK(link.client.err() == Err::none);
}

EACH_BACKEND("without memory for a record the error says whether shorter ones would help") {
    const struct {
        std::size_t size;
        Err error;
    } rows[] = {
        {2000, Err::no_memory},
        {4000, Err::no_memory},
        {5000, Err::no_memory_for_record},
        {16384, Err::no_memory_for_record},
    };
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server})
            for (const auto& row : rows) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(row.size);
                Established link(backend, version);
                Side &reader = link.side(role), &writer = link.side(other(role));
                reader.read_all(); // of the handshake: tickets
                const std::string text = text_of(row.size);
                writer.write(text);
                heap::fail_from(1);
                const Status status = reader.read_all();
                heap::fail_never();
                CHECK(status == Status::failed);
                CHECK(reader.err() == row.error);
                CHECK(reader.received.empty());
            }
}

#if USSL_HOSTED
// With the default sizes of records a session that keeps its buffers has more than 32 KB.
EACH_BACKEND("an idle session takes no more than 8 KB") {
    for (const Version version : versions_of(backend))
        for (const std::size_t size : {1u, 16384u}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(size);
            Established link(backend, version);
            Endpoint &client_end = link.ends.client, &server_end = link.ends.server;
            const std::size_t before = heap::live_bytes();
            Connection another(client_end, server_end);
            REQUIRE(another.establish());
            const std::string text = text_of(size);
            another.client.write(text);
            CHECK(another.server.read_all() == Status::want_read);
            CHECK(another.server.received == text);
            another.server.write(text);
            CHECK(another.client.read_all() == Status::want_read);
            CHECK(another.server.read_all() == Status::want_read);
            const std::size_t storage = another.client.session.storage().size();
            const std::size_t each = (heap::live_bytes() - before) / 2 + storage;
            CAPTURE(each);
            CHECK(each <= 8192);
        }
}
#endif
