// One process that goes on and on: what it takes at the end is what it took at the beginning.
//
//   USSL_SOAK_HANDSHAKES=100000 USSL_SOAK_MEGABYTES=10240 ussl-conformance --no-skip
//   --test-case='*soak*'
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace ussl;
using namespace ussl::test;

namespace {

std::size_t setting(const char* name, std::size_t otherwise) {
    const char* const value = std::getenv(name);
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// Pages of memory; 0 if that is unknown. Pages of files, such as the program's own, do not count:
// they are loaded as more of its code runs.
std::size_t resident() {
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0, pages = 0, of_files = 0;
    statm >> all >> pages >> of_files;
    return pages - of_files;
}

std::ptrdiff_t open_files() {
    std::error_code none;
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd", none),
                         std::filesystem::directory_iterator());
}

// Runs `once` `count` times; compares the process's resources after a tenth of the runs and at the
// end.
template<class Once>
void flat(std::size_t count, Once once) {
    std::size_t pages = 0, blocks = 0;
    std::ptrdiff_t files = 0;
    for (std::size_t i = 0; i <= count; ++i) {
        if (i == count / 10) {
            pages = resident();
            blocks = heap::live_blocks();
            files = open_files();
        }
        once(i);
    }
    CHECK(heap::live_blocks() == blocks);
    CHECK(open_files() == files);
    // The C library's heap may vary by a few pages.
    CHECK(resident() <= pages + 16);
    MESSAGE(count << " times, resident pages " << pages << " and then " << resident());
}

} // namespace

EACH_BACKEND("soak: handshakes, completed and refused [long]") {
    const std::size_t count = setting("USSL_SOAK_HANDSHAKES", 3000);
    std::vector<std::unique_ptr<Endpoint>> clients, servers;
    for (const Version version : versions_of(backend)) {
        clients.push_back(
            std::make_unique<Endpoint>(backend, client_with("client").versions(version)));
        for (const char* leaf : {"p256", "wronghost"}) {
            Settings settings = asking_server();
            settings.config.credential = credential(leaf);
            servers.push_back(std::make_unique<Endpoint>(backend, settings.versions(version)));
            REQUIRE(servers.back()->open().code == Err::none);
        }
        REQUIRE(clients.back()->open().code == Err::none);
    }
    flat(count, [&](std::size_t i) {
        // Every eighth is refused, every third is cut off.
        const std::size_t which = i % clients.size();
        const bool refused = i % 8 == 0;
        Connection link(*clients[which], *servers[2 * which + refused]);
        const bool good = link.establish();
        if (good == refused) CHECK(good != refused);
        if (!good) return;
        link.client.write("hello");
        link.server.read_all();
        if (i % 3 == 0) return;
        link.client.pump.close();
        link.server.read_all();
        link.server.pump.close();
    });
}

EACH_BACKEND("soak: data both ways [long]") {
    const std::size_t megabytes = setting("USSL_SOAK_MEGABYTES", 300);
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        const std::string block(16000, 'x');
        std::size_t wrong = 0;
        flat(megabytes * (1u << 20) / 32000, [&](std::size_t) {
            for (Side* side : {&link.client(), &link.server()}) {
                Side& reader = side == &link.client() ? link.server() : link.client();
                const std::size_t written = side->write(block);
                reader.received.clear();
                reader.read_all();
                wrong += written != block.size() || reader.received != block;
            }
        });
        CHECK(wrong == 0);
    }
}
