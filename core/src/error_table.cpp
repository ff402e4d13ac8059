#include "ussl/backend/error_table.hpp"

namespace ussl {

int find_meaning(const std::int16_t* table, std::size_t size, int code) {
    int meaning = 0;
    for (const std::int16_t* entry = table; entry != table + size; ++entry) {
        if (*entry > 0)
            meaning = *entry;
        else if (*entry == code)
            return meaning;
    }
    return 0;
}

} // namespace ussl
