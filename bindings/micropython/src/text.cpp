#include "text.hpp"

namespace ussl::binding {

void Text::add_address(Bytes address, const char* group_format) {
    const bool v4 = address.size() == 4;
    const std::size_t group = v4 ? 1 : 2;
    const char* format = v4 ? ".%u" : group_format;
    for (std::size_t i = 0; i < address.size(); i += group)
        print(format + (i == 0), // without a separator in front
              v4 ? address[i] : static_cast<unsigned>(address[i] << 8 | address[i + 1]));
}

} // namespace ussl::binding
