// Texts by number, packed into one array. (A switch takes ten more bytes of code for each text.)
//
//   constexpr NumberedText list[] = {{0, "close notify"}, …, {any_other, "unknown alert"}};
//   constexpr auto table = pack<list>();
//   find_text(table.data(), number)
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace ussl {

// The number of the last text, which is used for all other numbers.
inline constexpr unsigned any_other = 0xff;

struct NumberedText {
    unsigned number;
    std::string_view text;
};

// Packs each text with its number in front and a NUL behind.
template<const auto& list>
consteval auto pack() {
    constexpr std::size_t size = [] {
        std::size_t sum = 0;
        for (const NumberedText& entry : list)
            sum += 1 + entry.text.size() + 1;
        return sum;
    }();
    static_assert(std::end(list)[-1].number == any_other);
    std::array<char, size> packed{};
    std::size_t at = 0;
    for (const NumberedText& entry : list) {
        packed[at++] = static_cast<char>(entry.number);
        for (const char c : entry.text)
            packed[at++] = c;
        packed[at++] = '\0';
    }
    return packed;
}

// NUL-terminated. `number` may be any number.
std::string_view find_text(const char* packed, unsigned number);

} // namespace ussl
