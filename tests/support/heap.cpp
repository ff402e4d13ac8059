#include "support/heap.hpp"

#include "ussl/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ussl::test::heap {
namespace {

// In front of every block: its size, for the watch.
struct alignas(std::max_align_t) Header {
    std::size_t size;
};

std::size_t live = 0, asked = 0, first_failing = 0, leaked_secrets = 0;
bool only_one = false;
Bytes secret;

void* allocate(std::size_t size) {
    ++asked;
    if (first_failing != 0 && (only_one ? asked == first_failing : asked >= first_failing))
        return nullptr;
    void* memory = std::malloc(sizeof(Header) + size);
    if (memory == nullptr) return nullptr;
    ++live;
    Header* header = new (memory) Header{size};
    // Nothing may lean on fresh memory being zero.
    std::memset(header + 1, 0xa5, size);
    return header + 1;
}

void release(void* memory) {
    if (memory == nullptr) return;
    --live;
    Header* header = static_cast<Header*>(memory) - 1;
    if (!secret.empty() && holds({static_cast<std::uint8_t*>(memory), header->size}, secret))
        ++leaked_secrets;
    std::free(header);
}

} // namespace

void install() { set_allocator({allocate, release}); }

std::size_t live_blocks() { return live; }

void fail_from(std::size_t n) {
    asked = 0;
    first_failing = n;
    only_one = false;
}
void fail_at(std::size_t n) {
    fail_from(n);
    only_one = true;
}
void fail_never() { fail_from(0); }
std::size_t allocations() { return asked; }

void watch_for(Bytes bytes) {
    secret = bytes;
    leaked_secrets = 0;
}
std::size_t end_watch() {
    secret = {};
    return leaked_secrets;
}

bool holds(Bytes memory, Bytes bytes) {
    return std::search(memory.begin(), memory.end(), bytes.begin(), bytes.end()) != memory.end() ||
           std::search(memory.begin(), memory.end(), bytes.rbegin(), bytes.rend()) != memory.end();
}

} // namespace ussl::test::heap
