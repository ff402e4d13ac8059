// Counts the program's heap, under glibc: including allocations of shared libraries.
#include "bench/bench.hpp"

#include <malloc.h>

namespace {

std::size_t in_use = 0, peak = 0;

void* counted(void* memory) {
    in_use += malloc_usable_size(memory);
    if (in_use > peak) peak = in_use;
    return memory;
}

} // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }
void* realloc(void* memory, std::size_t size) {
    in_use -= malloc_usable_size(memory);
    return counted(__libc_realloc(memory, size));
}
void free(void* memory) {
    in_use -= malloc_usable_size(memory);
    __libc_free(memory);
}
}

// For scripts, in a process that loads this before the C library.
extern "C" long bench_heap() { return static_cast<long>(in_use); }

std::size_t bench::heap_in_use() {
    peak = in_use;
    return in_use;
}

std::size_t bench::heap_peak() {
    const std::size_t highest = peak;
    peak = in_use;
    return highest;
}
