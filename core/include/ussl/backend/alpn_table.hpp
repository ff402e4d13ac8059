// The ALPN names of a context in the form that C libraries want: a table of NUL-terminated strings
// that ends with a null pointer.
#pragma once

#include "ussl/environment.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace ussl {

class AlpnTable {
public:
    AlpnTable() = default;
    AlpnTable(const AlpnTable&) = delete;
    AlpnTable& operator=(const AlpnTable&) = delete;
    ~AlpnTable() { ussl::release(table_); }

    // Copies the names, which have no NUL, into one block of ussl::allocator(). Call it once.
    // false: no memory.
    bool set(std::span<const std::string_view> names);

    // Null without names.
    const char** data() const { return table_; }
    std::size_t size() const { return size_; }
    std::string_view operator[](std::size_t i) const { return table_[i]; }

private:
    const char** table_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace ussl
