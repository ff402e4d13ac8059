#include "record_memory.hpp"

#include "ussl/environment.hpp"

#include <cstring>

namespace ussl::wolfssl {

RecordMemory::~RecordMemory() { consume(end_ - begin_); }

bool RecordMemory::reserve(std::size_t size) {
    if (size <= capacity_) return true;
    auto* const block = static_cast<std::uint8_t*>(ussl::allocate(lead + size));
    if (block == nullptr) return false;
    move_to(block + lead, size);
    return true;
}

void RecordMemory::move_to(std::uint8_t* memory, std::size_t size) {
    std::uint8_t* const before = data_;
    end_ -= begin_;
    if (end_ != 0) std::memmove(memory, before + begin_, end_);
    begin_ = 0;
    data_ = memory;
    capacity_ = size;
    if (before != own_ && before != memory) ussl::release(before - lead);
}

} // namespace ussl::wolfssl
