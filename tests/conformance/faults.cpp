// A device that fails: no randomness, no memory. This weakens nothing, leaks nothing, crashes
// nothing.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"
#include "support/library_losses.hpp"
#include "support/test_environment.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

struct Attempt {
    Err client = Err::none, server = Err::none;
    bool established = false;
};

// Everything from opening the contexts to the end of a conversation. Closing is not part of the
// verdict: if close_notify cannot be built, nothing more can be done for the peer.
Attempt attempt(const BackendUnderTest& backend, const Settings& client, const Settings& server,
                bool close = true) {
    Attempt result;
    Endpoint client_end(backend, client), server_end(backend, server);
    result.client = client_end.open().code;
    result.server = server_end.open().code;
    if (result.client != Err::none || result.server != Err::none) return result;
    Pipe to_server, to_client;
    Side a(backend, to_server, to_client), b(backend, to_client, to_server);
    result.client = a.session->open(*client_end.context, client.identity).code;
    result.server = b.session->open(*server_end.context, {}).code;
    if (result.client != Err::none || result.server != Err::none) return result;
    for (int round = 0; round < 20; ++round) {
        for (Side* side : {&a, &b}) {
            if (!side->session->is_established()) side->pump.handshake();
            if (side->session->error().code != Err::none) side->wire.out().closed = true;
        }
    }
    result.established = a.session->is_established() && b.session->is_established();
    if (result.established) {
        result.established = a.write("hello") == 5 && b.write("hello") == 5;
        b.read_all();
        a.read_all();
        result.established = result.established && a.received == "hello" && b.received == "hello";
    }
    result.client = a.err();
    result.server = b.err();
    if (close) {
        a.pump.close();
        b.pump.close();
    }
    return result;
}

} // namespace

EACH_BACKEND("randomness that fails at any point gives no_randomness, never a connection") {
    for (const Version version : versions_of(backend))
        for (const bool of_client : {true, false}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(of_client);
            for (std::size_t left = 0;; ++left) {
                REQUIRE(left < 5000);
                CAPTURE(left);
                TestEnvironment device;
                device.random_left = left;
                Settings client = client_settings().versions(version),
                         server = server_settings().versions(version);
                (of_client ? client : server).environment = &device.environment;
                const Attempt result = attempt(backend, client, server, false);
                if (!device.random_refused) {
                    CHECK(result.established);
                    break;
                }
                const Err error = of_client ? result.client : result.server;
                if (result.established || error != Err::no_randomness) {
                    CHECK_FALSE(result.established);
                    CHECK(error == Err::no_randomness);
                    break;
                }
            }
        }
}

EACH_BACKEND("memory that runs out at any allocation gives no_memory, and all of it is freed") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        const Settings client = client_with("client").versions(version);
        Settings server = asking_server();
        server.versions(version);
        // The first run allocates the blocks that a library keeps until the end.
        REQUIRE(attempt(backend, client, server).established);
        std::size_t before = heap::live_blocks();
        heap::fail_from(0);
        REQUIRE(attempt(backend, client, server).established);
        const std::size_t total = heap::allocations();
        CHECK(heap::live_blocks() == before);
        for (const bool only_one : {false, true}) {
            CAPTURE(only_one);
            std::size_t losses = 0;
            // Every one of the first, then ever fewer: arithmetic allocates thousands of times.
            for (std::size_t n = 1; n <= total; n += 1 + n / 50) {
                CAPTURE(n);
                only_one ? heap::fail_at(n) : heap::fail_from(n);
                const Attempt result = attempt(backend, client, server);
                const bool reached = heap::allocations() >= n;
                heap::fail_never();
                const std::size_t lost = heap::live_blocks() - before;
                if (is_lost_by_library(backend, version, lost)) {
                    before += lost;
                    CHECK(++losses <= max_library_losses);
                }
                // One side reports it; how the other one sees a peer that broke off is not checked
                // here.
                const bool ours =
                    result.client == Err::no_memory || result.server == Err::no_memory;
                const bool good =
                    heap::live_blocks() == before && (result.established || !reached || ours);
                if (good) continue;
                CHECK(heap::live_blocks() == before);
                CAPTURE(result.client);
                CAPTURE(result.server);
                CHECK((result.established || ours));
                break;
            }
        }
    }
}

EACH_BACKEND("contexts and sessions leave nothing on the heap") {
    for (const Version version : versions_of(backend)) {
        for (const char* leaf : {"p256", "wronghost", "untrusted"}) {
            CAPTURE(std::string(leaf));
            connect(backend, client_settings().versions(version), backend,
                    server_settings(leaf).versions(version));
            const std::size_t before = heap::live_blocks();
            connect(backend, client_settings().versions(version), backend,
                    server_settings(leaf).versions(version));
            CHECK(heap::live_blocks() == before);
        }
    }
}
