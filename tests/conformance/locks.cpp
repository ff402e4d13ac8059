// The program's lock (USSL_LOCKS): held while a library may be at work, by one thread at a time,
// released after each call. On a board, examples/firmware/two_tasks.cpp uses it.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/test_environment.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

// As in an RTOS.
struct RecursiveLock {
    std::recursive_mutex mutex;
    std::thread::id holder;
    int depth = 0;
    std::atomic<int> taken = 0;
    std::atomic<int> unlocked_work = 0; // the library requested randomness while the lock was free

    RecursiveLock() {
        set_locks({this, [](void* user) { static_cast<RecursiveLock*>(user)->lock(); },
                   [](void* user) { static_cast<RecursiveLock*>(user)->unlock(); }});
    }
    ~RecursiveLock() {
        set_locks({nullptr, [](void*) {}, [](void*) {}});
    }
    RecursiveLock(const RecursiveLock&) = delete;
    RecursiveLock& operator=(const RecursiveLock&) = delete;

    void lock() {
        mutex.lock();
        holder = std::this_thread::get_id();
        if (depth++ == 0) ++taken;
    }
    void unlock() {
        --depth;
        mutex.unlock();
    }

    Environment environment{this, random, posix_environment().now,
                            posix_environment().milliseconds};

private:
    static bool random(void* user, MutableBytes out) {
        auto& self = *static_cast<RecursiveLock*>(user);
        if (self.depth == 0 || self.holder != std::this_thread::get_id()) ++self.unlocked_work;
        return posix_environment().random(nullptr, out);
    }
};

} // namespace

EACH_BACKEND("the program's lock is held while a library works, and released") {
    RecursiveLock lock;
    Settings of_client = client_settings(), of_server = server_settings();
    of_client.environment = of_server.environment = &lock.environment;
    {
        OpenEnds ends(backend, of_client, of_server);
        CHECK(lock.taken > 0);
        CHECK(lock.depth == 0);
        std::atomic<int> good = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i != 3; ++i)
            threads.emplace_back([&] {
                for (int round = 0; round != 3; ++round) {
                    Connection link(ends.client, ends.server);
                    if (link.establish() && link.client.write("ping") == 4 &&
                        link.server.read_all() == Status::want_read &&
                        link.server.received == "ping")
                        ++good;
                }
            });
        for (std::thread& thread : threads)
            thread.join();
        CHECK(good == 9);
        CHECK(lock.depth == 0);
    }
    CHECK(lock.depth == 0);
    CHECK(lock.unlocked_work == 0);
}
