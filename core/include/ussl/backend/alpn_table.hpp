// The ALPN names of a context in the form that libraries in C want: a table of NUL-terminated texts
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

    // Copies the names, which hold no NUL, in one piece of ussl::allocator(). false: no memory. To
    // be called once.
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
