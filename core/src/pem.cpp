#include "ussl/pem.hpp"

#include <cstring>

namespace ussl::pem {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view newline = "\n";

// string_view::substr(), and starts_with(), which calls it, are not used: the range check pulls in
// libstdc++'s exceptions. find() takes twice the code of this one.

// Where `mark` begins in `text`; npos where it does not.
[[gnu::noinline]] std::size_t find(const std::string_view& text, const std::string_view& mark) {
    for (std::size_t at = 0; at + mark.size() <= text.size(); ++at)
        if (std::memcmp(text.data() + at, mark.data(), mark.size()) == 0) return at;
    return std::string_view::npos;
}

// Moves `text` behind `mark` and gives what stood before it; false where there is none.
bool take_until(std::string_view& text, const std::string_view& mark, std::string_view& before) {
    const std::size_t at = find(text, mark);
    if (at == std::string_view::npos) return false;
    before = {text.data(), at};
    text.remove_prefix(at + mark.size());
    return true;
}

bool take_prefix(std::string_view& text, const std::string_view& prefix) {
    std::string_view before;
    return take_until(text, prefix, before) && before.empty();
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The value of a base64 character (RFC 4648, 4); 64 for any other.
unsigned base64_value(unsigned char c) {
    struct Range {
        std::uint8_t first, count;
    };
    static constexpr Range ranges[] = {{'A', 26}, {'a', 26}, {'0', 10}, {'+', 1}, {'/', 1}};
    unsigned value = 0;
    for (const Range& range : ranges) {
        const unsigned at = c - unsigned{range.first};
        if (at < range.count) return value + at;
        value += range.count;
    }
    return value;
}

Err decode_base64(const std::string_view& text, const MutableBytes& out, std::size_t& size) {
    std::uint32_t bits = 0;
    unsigned characters = 0, padding = 0;
    size = 0;
    for (const char c : text) {
        if (is_space(c)) continue;
        const unsigned value = base64_value(static_cast<unsigned char>(c));
        if (c == '=')
            ++padding;
        else if (value == 64 || padding != 0)
            return Err::bad_pem;
        bits = bits << 6 | (value & 63);
        if (++characters % 4 != 0) continue;
        if (padding > 2) return Err::bad_pem;
        for (unsigned i = 0; i < 3 - padding; ++i) {
            if (size == out.size()) return Err::no_memory;
            out[size++] = static_cast<std::uint8_t>(bits >> (16 - 8 * i));
        }
    }
    return characters % 4 != 0 || size == 0 ? Err::bad_pem : Err::none;
}

} // namespace

Err Reader::next(MutableBytes buffer, Block& block) {
    block = {};
    std::string_view text = rest_;
    std::string_view label, body;
    if (!take_until(text, begin_mark, label)) return Err::none;
    if (!take_until(text, dashes, label) || find(label, newline) != std::string_view::npos ||
        !take_until(text, end_mark, body) || !take_prefix(text, label) ||
        !take_prefix(text, dashes))
        return Err::bad_pem;
    std::size_t size = 0;
    if (const Err error = decode_base64(body, buffer, size); error != Err::none) return error;
    rest_ = text;
    block = {label, buffer.first(size)};
    return Err::none;
}

std::size_t count_blocks(Bytes data, std::size_t most) {
    std::string_view rest(reinterpret_cast<const char*>(data.data()), data.size()), before;
    std::size_t count = 0;
    while (count < most && take_until(rest, begin_mark, before))
        ++count;
    return count;
}

} // namespace ussl::pem
