#include "ussl/backend/error_table.hpp"

namespace ussl {

Err find_error(std::span<const std::int16_t> table, int code) {
    int meaning = 0;
    for (const std::int16_t entry : table) {
        if (entry > 0) meaning = entry;
        if (entry == code && code < 0) return static_cast<Err>(meaning);
    }
    return Err::internal;
}

} // namespace ussl
