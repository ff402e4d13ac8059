#include "ussl/backend/alpn_table.hpp"

#include "ussl/features.hpp"

#if USSL_ALPN

#include <cstring>

namespace ussl {

Err AlpnTable::set(std::span<const std::string_view> names) {
    if (names.empty()) return Err::none;
    std::size_t bytes = (names.size() + 1) * sizeof(char*);
    for (const std::string_view name : names) {
        if (std::memchr(name.data(), 0, name.size()) != nullptr) return Err::unsupported;
        bytes += name.size() + 1;
    }
    table_ = static_cast<const char**>(ussl::allocate(bytes));
    if (table_ == nullptr) return Err::no_memory;
    char* text = reinterpret_cast<char*>(table_ + names.size() + 1);
    for (const std::string_view name : names) {
        table_[size_++] = text;
        std::memcpy(text, name.data(), name.size());
        text += name.size();
        *text++ = '\0';
    }
    table_[size_] = nullptr;
    return Err::none;
}

} // namespace ussl

#endif
