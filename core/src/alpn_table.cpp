#include "ussl/backend/alpn_table.hpp"

#include "ussl/features.hpp"

#if USSL_ALPN

#include <cstring>

namespace ussl {

bool AlpnTable::set(std::span<const std::string_view> names) {
    if (names.empty()) return true;
    std::size_t bytes = (names.size() + 1) * sizeof(char*);
    for (const std::string_view name : names)
        bytes += name.size() + 1;
    table_ = static_cast<const char**>(ussl::allocate(bytes));
    if (table_ == nullptr) return false;
    char* text = reinterpret_cast<char*>(table_ + names.size() + 1);
    for (const std::string_view name : names) {
        table_[size_++] = text;
        std::memcpy(text, name.data(), name.size());
        text += name.size();
        *text++ = '\0';
    }
    table_[size_] = nullptr;
    return true;
}

} // namespace ussl

#endif
