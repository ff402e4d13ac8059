#include "support/heap.hpp"

#include "ussl/environment.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#include <new>
#include <string>
#include <vector>

namespace ussl::test::heap {
namespace {

// In front of every block: its size, for the watch.
struct alignas(std::max_align_t) Header {
    std::size_t size;
};

// For all threads. What is set below is set while there is only one.
std::atomic<std::size_t> live = 0, live_size = 0, asked = 0, leaked_secrets = 0;
std::size_t first_failing = 0;
bool only_one = false;

// Secrets are stored in disguise, so that the search does not find this copy.
constexpr std::uint8_t disguise = 0x5a;
std::vector<std::vector<std::uint8_t>> watched;
// The two bytes at which a secret begins, in either order: other places need no comparison.
// (An array: with sanitizers, functions of a class would not be inlined below.)
bool is_beginning[0x10000];

void watch_beginning(std::uint8_t first, std::uint8_t second) {
    is_beginning[first << 8 | second] = true;
}

// Reads byte by byte also memory that the sanitizers protect.
#if defined(__clang__)
#define USSL_READS_ANYTHING __attribute__((no_sanitize("address", "thread", "undefined")))
#else
#define USSL_READS_ANYTHING __attribute__((no_sanitize_address, no_sanitize_thread))
#endif
USSL_READS_ANYTHING bool is_at(const volatile std::uint8_t* memory, std::size_t size) {
    for (const std::vector<std::uint8_t>& secret : watched) {
        const std::uint8_t* const needle = secret.data();
        const std::size_t length = secret.size();
        if (length > size) continue;
        std::size_t same = 0, reversed = 0;
        while (same < length && (memory[same] ^ disguise) == needle[same])
            ++same;
        while (reversed < length && (memory[reversed] ^ disguise) == needle[length - 1 - reversed])
            ++reversed;
        if (same == length || reversed == length) return true;
    }
    return false;
}
USSL_READS_ANYTHING bool holds_watched(const volatile std::uint8_t* memory, std::size_t size) {
    unsigned pair = 0;
    for (std::size_t at = 0; at < size; ++at) {
        pair = (pair << 8 | (memory[at] ^ disguise)) & 0xffff;
        if (at != 0 && is_beginning[pair] && is_at(memory + at - 1, size - (at - 1))) return true;
    }
    return false;
}

// Memory that is freed during a watch keeps its contents. With MALLOC_PERTURB_, which Meson sets,
// glibc would overwrite it, and a secret that nobody wiped would not be found.
void let_glibc_overwrite_freed([[maybe_unused]] bool may) {
#ifdef M_PERTURB
    const char* const byte = std::getenv("MALLOC_PERTURB_");
    mallopt(M_PERTURB, may && byte != nullptr ? std::atoi(byte) : 0);
#endif
}

void* allocate(std::size_t size) {
    const std::size_t number = ++asked;
    if (first_failing != 0 && (only_one ? number == first_failing : number >= first_failing))
        return nullptr;
    void* memory = std::malloc(sizeof(Header) + size);
    if (memory == nullptr) return nullptr;
    ++live;
    live_size += size;
    Header* header = new (memory) Header{size};
    // Nothing may rely on fresh memory being zero.
    std::memset(header + 1, 0xa5, size);
    return header + 1;
}

void release(void* memory) {
    if (memory == nullptr) return;
    --live;
    Header* header = static_cast<Header*>(memory) - 1;
    live_size -= header->size;
    if (!watched.empty() && holds_watched(static_cast<std::uint8_t*>(memory), header->size))
        ++leaked_secrets;
    std::free(header);
}

} // namespace

void install() { set_allocator({allocate, release}); }

std::size_t live_blocks() { return live; }
std::size_t live_bytes() { return live_size; }

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

void watch_for(Bytes secret) {
    if (watched.empty()) leaked_secrets = 0;
    let_glibc_overwrite_freed(false);
    std::vector<std::uint8_t>& copy = watched.emplace_back(secret.begin(), secret.end());
    for (std::uint8_t& byte : copy)
        byte ^= disguise; // the place that it was copied to, so that nothing remains
    watch_beginning(copy[0], copy[1]);
    watch_beginning(copy.end()[-1], copy.end()[-2]);
}
std::size_t end_watch() {
    watched.clear();
    std::fill(std::begin(is_beginning), std::end(is_beginning), false);
    let_glibc_overwrite_freed(true);
    return leaked_secrets;
}

bool process_holds_watched() {
    constexpr std::size_t largest = std::size_t{1} << 28; // sanitizers have much larger ones
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        unsigned long from = 0, to = 0;
        char rights[5] = {};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, rights) != 3) continue;
        if (rights[0] != 'r' || rights[1] != 'w' || line.ends_with("[stack]")) continue;
        if (to - from < largest &&
            holds_watched(reinterpret_cast<const std::uint8_t*>(from), to - from))
            return true;
    }
    return false;
}

bool holds(Bytes memory, Bytes bytes) {
    return std::search(memory.begin(), memory.end(), bytes.begin(), bytes.end()) != memory.end() ||
           std::search(memory.begin(), memory.end(), bytes.rbegin(), bytes.rend()) != memory.end();
}

} // namespace ussl::test::heap
