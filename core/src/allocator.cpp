#include "ussl/environment.hpp"

#ifndef USSL_NO_MALLOC
#include <cstdlib>
#endif

namespace ussl {
namespace {

#ifdef USSL_NO_MALLOC
constinit Allocator current{[](std::size_t) -> void* { return nullptr; }, [](void*) {}};
#else
constinit Allocator current{std::malloc, std::free};
#endif

constinit Allocator for_records{allocate, release};

} // namespace

void set_allocator(const Allocator& allocator) { current = allocator; }
const Allocator& allocator() { return current; }
void* allocate(std::size_t size) { return current.allocate(size); }
void release(void* memory) { current.release(memory); }

void set_record_allocator(const Allocator& allocator) { for_records = allocator; }
void* allocate_record(std::size_t size) { return for_records.allocate(size); }
void release_record(void* memory) { for_records.release(memory); }

} // namespace ussl
