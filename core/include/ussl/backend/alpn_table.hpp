// The ALPN names of a context in the form that libraries in C want: a table of NUL-terminated texts
// that ends with a null pointer.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/error.hpp"

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

    // Copies the names, in one piece of ussl::allocator(). unsupported: one holds a NUL, with which
    // it would be another one to the library; no_memory. To be called once.
    Err set(std::span<const std::string_view> names);

    // Null without names.
    const char** data() const { return table_; }
    std::size_t size() const { return size_; }

private:
    const char** table_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace ussl
