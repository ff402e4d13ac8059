// Every single allocation of one side fails: the n-th for every n, until there are no more. The
// result is no_memory (or the operation succeeds without it), nothing leaks, and the next attempt
// with the same objects works. faults.cpp does the same for both sides at once, from a sample.
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"
#include "support/library_losses.hpp"

#include <algorithm>

using namespace ussl;
using namespace ussl::test;

namespace {

// Makes the n-th allocation within its calls fail, or all from the n-th on. Allocations of others
// in between do not count.
class AllocationLimit {
public:
    AllocationLimit(std::size_t n, bool only_one) : n_(n), only_one_(only_one) {}

    template<class Operation>
    auto operator()(Operation operation) {
        if (used_ < n_)
            only_one_ ? heap::fail_at(n_ - used_) : heap::fail_from(n_ - used_);
        else
            only_one_ ? heap::fail_never() : heap::fail_from(1);
        const auto result = operation();
        used_ += heap::allocations();
        heap::fail_never();
        return result;
    }
    bool reached() const { return used_ >= n_; }

private:
    std::size_t n_, used_ = 0;
    bool only_one_;
};

const char* text(Role role) { return role == Role::client ? "client" : "server"; }

// How the two authenticate each other.
enum class Way { certificates, key, session };

Settings settings_of(Role role, const char* leaf, Version version) {
    Settings settings = role == Role::client ? client_with(leaf) : asking_server();
    if (role == Role::server) settings.config.credential = credential(leaf);
    settings.config.keep_peer_certificate = true;
    return settings.versions(version);
}

// Calls check(n, only_one) for every n until it returns that the n-th allocation was not reached.
template<class Check>
void for_every_allocation(Check check) {
    for (const bool only_one : {true, false}) {
        CAPTURE(only_one);
        for (std::size_t n = 1;; ++n) {
            REQUIRE(n < 100'000);
            if (!check(n, only_one)) break;
        }
    }
}

// --- A handshake and what follows it, in which one side's memory runs out ---

struct Life {
    Status status = Status::want_read; // of the side whose memory runs out
    Err error = Err::none;
    Status other = Status::want_read;
    bool established = false;
};

// Both handshakes; counts the allocations of `role`.
Life shake_hands(Connection& link, Role role, AllocationLimit& memory) {
    Side& side = role == Role::client ? link.client : link.server;
    Side& peer = role == Role::client ? link.server : link.client;
    Life life;
    for (int round = 0; round < 12; ++round) {
        if (life.status == Status::want_read || life.status == Status::want_write)
            life.status = memory([&] { return side.pump.handshake().status; });
        if (life.status != Status::ok && life.status != Status::want_read)
            side.wire.out().closed = true;
        if (life.other == Status::want_read) life.other = peer.pump.handshake().status;
        if (life.other != Status::ok && life.other != Status::want_read)
            peer.wire.out().closed = true;
    }
    // In TLS 1.3 a client finishes before the server; the server's answer then comes with data.
    life.established = life.status == Status::ok && life.other == Status::ok;
    life.error = side.err();
    return life;
}

// --- The ways ---

const char* text(Way way) {
    return way == Way::certificates ? "certificates" : way == Way::key ? "key" : "session";
}

constexpr std::string_view psk_identity = "me", psk_key = "0123456789abcdef0123456789abcdef";

bool find_key(void*, Bytes, Bytes* key) {
    *key = as_bytes(psk_key);
    return true;
}

Settings settings_of(Role role, Way way, Version version) {
    if (way != Way::key) {
        Settings settings = settings_of(role, role == Role::client ? "client" : "p256", version);
        settings.config.resumption = way == Way::session;
        return settings;
    }
    Settings settings;
    settings.config.role = role;
    if (role == Role::client)
        settings.config.psk = {as_bytes(psk_identity), as_bytes(psk_key)};
    else
        settings.config.psk_callback = {nullptr, find_key};
    return settings.versions(version);
}

// A session for the client to resume. A new one each time, as a connection that fails may end it.
Blob session_data(Endpoint& client, Endpoint& server) {
    Connection link(client, server);
    REQUIRE(link.establish());
    link.server.write("x");
    link.client.read_all(); // reads tickets
    Blob data = stored(*link.client.session);
    REQUIRE_FALSE(data.empty());
    return data;
}

// The handshakes of one version, one for each allocation.
void handshakes(const BackendUnderTest& backend, Version version, Role role, Way way,
                std::size_t step) {
    CAPTURE(std::string(name_of(version)));
    CAPTURE(std::string(text(role)));
    CAPTURE(std::string(text(way)));
    OpenEnds ends(backend, settings_of(Role::client, way, version),
                  settings_of(Role::server, way, version));
    const auto attempt = [&](AllocationLimit& memory) {
        Blob data;
        if (way == Way::session) data = session_data(ends.client, ends.server);
        PeerIdentity identity = ends.client.settings.identity;
        identity.resumption = data;
        Connection link(ends.client, ends.server, identity);
        Life life = shake_hands(link, role, memory);
        if (way == Way::session && life.established) CHECK(link.server.session->is_resumed());
        link.client.pump.close();
        link.server.pump.close();
        return life;
    };
    AllocationLimit enough(unlimited, true);
    REQUIRE(attempt(enough).established); // allocates the blocks that the library keeps
    std::size_t before = heap::live_blocks();
    for (const bool only_one : {true, false}) {
        CAPTURE(only_one);
        std::size_t losses = 0;
        for (std::size_t n = 1;; n += step) {
            CAPTURE(n);
            REQUIRE(n < 100'000);
            AllocationLimit memory(n, only_one);
            const Life life = attempt(memory);
            CAPTURE(life.status);
            CAPTURE(life.error);
            // After the handshake only the next operation can show it.
            const bool good = life.established || life.error == Err::no_memory ||
                              (life.status == Status::ok && life.error == Err::none);
            CHECK(good);
            const std::size_t lost = heap::live_blocks() - before;
            if (is_lost_by_library(backend, version, lost)) {
                before += lost;
                CHECK(++losses <= max_library_losses);
            }
            CHECK(heap::live_blocks() == before);
            if (!good || heap::live_blocks() != before || !memory.reached()) {
                if (!memory.reached()) CHECK(life.established);
                break;
            }
        }
    }
    AllocationLimit again(unlimited, true);
    CHECK(attempt(again).established);
}

} // namespace

EACH_BACKEND("opening a context: every allocation fails once") {
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server})
            for (const char* leaf : leaves_of(backend)) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(std::string(text(role)));
                CAPTURE(std::string(leaf));
                Settings settings = settings_of(role, leaf, version);
                const std::string_view names[] = {"h2", "http/1.1"};
                if (backend.can().alpn) settings.config.alpn = names;
                Endpoint end(backend, settings);
                REQUIRE(end.open().code == Err::none);
                end.context->close();
                const std::size_t before = heap::live_blocks();
                for_every_allocation([&](std::size_t n, bool only_one) {
                    CAPTURE(n);
                    AllocationLimit memory(n, only_one);
                    const Err error = memory([&] { return end.open().code; });
                    const bool opened = end.context->is_open();
                    CHECK(opened == (error == Err::none));
                    if (!opened) CHECK(error == Err::no_memory);
                    if (!opened) CHECK(heap::live_blocks() == before);
                    end.context->close();
                    CHECK(heap::live_blocks() == before);
                    // The next attempt works.
                    CHECK(end.open().code == Err::none);
                    end.context->close();
                    CHECK(heap::live_blocks() == before);
                    if (!memory.reached()) CHECK(opened);
                    return memory.reached() && heap::live_blocks() == before;
                });
            }
}

EACH_BACKEND("opening a session: every allocation fails once") {
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(text(role)));
            Endpoint end(backend,
                         settings_of(role, role == Role::client ? "client" : "p256", version));
            REQUIRE(end.open().code == Err::none);
            OwnedSession session(backend);
            const auto open = [&] {
                return session->open(*end.context, end.settings.identity).code;
            };
            REQUIRE(open() == Err::none);
            session->release();
            const std::size_t before = heap::live_blocks();
            for_every_allocation([&](std::size_t n, bool only_one) {
                CAPTURE(n);
                AllocationLimit memory(n, only_one);
                const Err error = memory(open);
                if (memory.reached()) CHECK((error == Err::none || error == Err::no_memory));
                if (!memory.reached()) CHECK(error == Err::none);
                if (error != Err::none) CHECK(heap::live_blocks() == before);
                session->release();
                CHECK(heap::live_blocks() == before);
                CHECK(open() == Err::none);
                session->release();
                return memory.reached() && heap::live_blocks() == before;
            });
        }
}

EACH_BACKEND("data: every allocation of a reader and of a writer fails once") {
    const std::string block(20000, 'x');
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        OpenEnds ends(backend, settings_of(Role::client, "client", version),
                      settings_of(Role::server, "p256", version));
        std::size_t before = 0;
        bool warm = false;
        for (const bool writing : {true, false})
            for (const Role role : {Role::client, Role::server}) {
                CAPTURE(writing);
                CAPTURE(std::string(text(role)));
                for_every_allocation([&](std::size_t n, bool only_one) {
                    CAPTURE(n);
                    AllocationLimit memory(n, only_one);
                    {
                        Connection link(ends.client, ends.server);
                        REQUIRE(link.establish());
                        Side& side = role == Role::client ? link.client : link.server;
                        Side& peer = role == Role::client ? link.server : link.client;
                        Side& writer = writing ? side : peer;
                        Side& reader = writing ? peer : side;
                        std::size_t taken = 0;
                        const auto write = [&] { return taken = writer.write(block); };
                        const auto read = [&] { return reader.read_all(); };
                        writing ? memory(write) : write();
                        const Status status = writing ? read() : memory(read);
                        // The received bytes are the first of those that were taken.
                        CHECK(reader.received.size() <= block.size());
                        CHECK(block.starts_with(reader.received));
                        CHECK((side.err() == Err::none || side.err() == Err::no_memory ||
                               (!writing && side.err() == Err::no_memory_for_record)));
                        if (side.err() == Err::none) CHECK(reader.received.size() == taken);
                        if (!memory.reached()) {
                            CHECK(taken == block.size());
                            CHECK(status == Status::want_read);
                        }
                        // Closing needs memory as well, and works without.
                        CHECK(memory([&] { return side.session->close(); }) != Status::failed);
                    }
                    if (!warm) before = heap::live_blocks();
                    warm = true;
                    CHECK(heap::live_blocks() == before);
                    return memory.reached() && heap::live_blocks() == before;
                });
            }
    }
}

// Both versions and roles.
static void all_handshakes(const BackendUnderTest& backend, Way way, std::size_t step) {
    if (way == Way::key && !backend.can().psk) return;
    if (way == Way::session && !backend.can().resumption) return;
    for (const Version version : versions_of(backend))
        for (const Role role : {Role::client, Role::server})
            handshakes(backend, version, role, way, step);
}

EACH_BACKEND("handshakes: many an allocation of one side fails") {
    // [long] tries every allocation.
    const bool thousands = differs(backend, Difference::arithmetic_allocates);
    for (const Way way : {Way::certificates, Way::key, Way::session})
        all_handshakes(backend, way, thousands ? 61 : 1);
}

EACH_BACKEND("handshakes by certificates: every allocation of one side fails once [long]") {
    all_handshakes(backend, Way::certificates, 1);
}

EACH_BACKEND("handshakes by a pre-shared key: every allocation of one side fails once [long]") {
    all_handshakes(backend, Way::key, 1);
}

EACH_BACKEND("resumed handshakes: every allocation of one side fails once [long]") {
    all_handshakes(backend, Way::session, 1);
}
