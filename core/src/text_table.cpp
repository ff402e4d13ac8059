#include "ussl/backend/text_table.hpp"

namespace ussl {

std::string_view find_text(const char* packed, unsigned number) {
    for (;;) {
        const unsigned own = static_cast<unsigned char>(*packed);
        const std::string_view text(packed + 1);
        if (own == number || own == any_other) return text;
        packed = text.data() + text.size() + 1;
    }
}

} // namespace ussl
