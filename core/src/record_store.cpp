#include "ussl/backend/record_store.hpp"

#include "ussl/environment.hpp"

namespace ussl {

bool GrowingStore::take_block(std::size_t size, std::uint8_t* own) {
    auto* const block = static_cast<std::uint8_t*>(allocate_record(lead + size));
    if (block == nullptr) return false;
    move_to(block + lead, size, own);
    return true;
}

bool GrowingStore::take_larger(std::size_t size, std::size_t kept, std::uint8_t* own) {
    auto* const block = static_cast<std::uint8_t*>(allocate_record(lead + size));
    if (block == nullptr) return false;
    std::memcpy(block + lead, data_, kept);
    wipe({data_, capacity_});
    move_to(block + lead, size, own);
    return true;
}

void GrowingStore::move_to(std::uint8_t* memory, std::size_t size, const std::uint8_t* own) {
    std::uint8_t* const before = data_;
    end_ -= begin_;
    if (end_ != 0) std::memcpy(memory, before + begin_, end_);
    begin_ = 0;
    data_ = memory;
    capacity_ = size;
    if (before != own) release_record(before - lead);
}

} // namespace ussl
