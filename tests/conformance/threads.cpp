// Threads that share contexts, as ussl/context.hpp allows. tools/test-threads runs it under the
// thread sanitizer.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr int worker_count = 3, rounds = 6;

// The threads' results.
struct Tally {
    std::atomic<int> good = 0, resumed = 0, broken = 0;
};

// One conversation; returns a session for the next one to resume.
Blob converse(Endpoint& client_end, Endpoint& server_end, Bytes resumption, Tally& tally) {
    PeerIdentity identity = client_end.settings.identity;
    identity.resumption = resumption;
    Connection link(client_end, server_end, identity);
    // Less than a record, and more than one.
    const std::string question(700, 'q'), answer(20000, 'a');
    const bool good = link.establish() && link.client.write(question) == question.size() &&
                      link.server.read_all() == Status::want_read &&
                      link.server.received == question &&
                      link.server.write(answer) == answer.size() &&
                      link.client.read_all() == Status::want_read && link.client.received == answer;
    ++(good ? tally.good : tally.broken);
    if (link.client.session->is_resumed()) ++tally.resumed;
    Blob data = stored(*link.client.session);
    link.client.pump.close();
    if (link.server.read_all() != Status::closed) ++tally.broken;
    return data;
}

template<class Work>
void on_threads(int count, Tally& tally, Work work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            try {
                work();
            } catch (...) { // doctest's
                ++tally.broken;
            }
        });
    for (std::thread& thread : threads)
        thread.join();
}

Settings for_threads(const BackendUnderTest& backend, Settings settings, Version version) {
    settings.config.resumption = backend.can().resumption;
    return settings.versions(version);
}

Settings client_for_threads(const BackendUnderTest& backend, Version version) {
    return for_threads(
        backend, backend.can().client_certificates ? client_with("client") : client_settings(),
        version);
}

Settings server_for_threads(const BackendUnderTest& backend, const char* leaf, Version version) {
    Settings settings = backend.can().client_certificates ? asking_server() : server_settings();
    settings.config.credential = credential(leaf);
    return for_threads(backend, settings, version);
}

} // namespace

EACH_BACKEND("sessions of shared contexts are used by several threads at once") {
    for (const char* leaf : {"p256", "rsa"})
        for (const Version version : versions_of(backend)) {
            if (std::string_view(leaf) == "rsa" && !backend.can().rsa) continue;
            CAPTURE(std::string(leaf));
            CAPTURE(std::string(name_of(version)));
            const std::size_t blocks = heap::live_blocks();
            Tally tally;
            {
                OpenEnds ends(backend, client_for_threads(backend, version),
                              server_for_threads(backend, leaf, version));
                on_threads(worker_count, tally, [&] {
                    Blob data;
                    for (int i = 0; i < rounds; ++i) {
                        // Now and then a new one.
                        if (i % 3 == 0) data.clear();
                        data = converse(ends.client, ends.server, data, tally);
                    }
                });
            }
            CHECK(tally.broken == 0);
            CHECK(tally.good == worker_count * rounds);
            // Other threads' sessions may have displaced one from a small cache.
            if (backend.can().resumption) CHECK(tally.resumed >= worker_count);
            CHECK(heap::live_blocks() == blocks);
        }
}

EACH_BACKEND("contexts open, serve and close on several threads at once") {
    const std::size_t blocks = heap::live_blocks();
    std::vector<Settings> clients, servers;
    for (const Version version : versions_of(backend)) {
        clients.push_back(client_for_threads(backend, version));
        servers.push_back(server_for_threads(backend, "p256", version));
    }
    Tally tally;
    on_threads(worker_count, tally, [&] {
        for (int i = 0; i < rounds; ++i) {
            const std::size_t which = static_cast<std::size_t>(i) % clients.size();
            Endpoint client(backend, clients[which]), server(backend, servers[which]);
            if (client.open().code != Err::none || server.open().code != Err::none) {
                ++tally.broken;
                return;
            }
            const Blob data = converse(client, server, {}, tally);
            converse(client, server, data, tally);
        }
    });
    CHECK(tally.broken == 0);
    CHECK(tally.good == 2 * worker_count * rounds);
    CHECK(heap::live_blocks() == blocks);
}
