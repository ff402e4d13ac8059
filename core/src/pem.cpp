#include "ussl/pem.hpp"

#include <cstring>

namespace ussl::pem {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
// RFC 1421, 4.6.1.1: how the headers of an encrypted block begin.
constexpr std::string_view encrypted_mark = "Proc-Type: 4,ENCRYPTED";

// Does not use string_view::substr() and starts_with(), which calls it: their range check would
// link libstdc++'s exceptions.

// Removes `prefix` from the front of `text`. false: `text` does not start with it.
[[gnu::noinline]] bool take_prefix(std::string_view& text, const std::string_view& prefix) {
    if (text.size() < prefix.size() || std::memcmp(text.data(), prefix.data(), prefix.size()) != 0)
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// A NUL ends a line as well: NUL-terminated texts may be joined.
bool is_line_break(char c) { return c == '\n' || c == '\r' || c == '\0'; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Takes the next line from the front of `text`, without white space at its ends.
std::string_view take_line(std::string_view& text) {
    std::string_view line = text;
    std::size_t size = 0;
    while (size < text.size() && !is_line_break(text[size]))
        ++size;
    line.remove_suffix(text.size() - size);
    text.remove_prefix(size != text.size() ? size + 1 : size);
    while (!line.empty() && is_blank(line.front()))
        line.remove_prefix(1);
    while (!line.empty() && is_blank(line.back()))
        line.remove_suffix(1);
    return line;
}

// RFC 7468, 3: characters, with single dashes and spaces between them.
bool is_label(const std::string_view& label) {
    bool after_character = false;
    for (const char c : label) {
        const bool is_character = c != '-' && c != ' ';
        if (!is_character && !after_character) return false;
        after_character = is_character;
    }
    return after_character;
}

// Whether `line` begins a block, and its label.
bool begins_block(std::string_view line, std::string_view& label) {
    take_prefix(line, byte_order_mark);
    if (!take_prefix(line, begin_mark) || line.size() < dashes.size()) return false;
    std::string_view name = line;
    name.remove_suffix(dashes.size());
    line.remove_prefix(name.size());
    if (line != dashes || !is_label(name)) return false;
    label = name;
    return true;
}

bool is_encrypted(std::string_view body) {
    std::string_view first;
    while (first.empty() && !body.empty())
        first = take_line(body);
    return take_prefix(first, encrypted_mark);
}

bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

// The value of a base64 character (RFC 4648, 4); 64: not one.
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

Err Reader::next(Block& block) {
    block = {};
    std::string_view rest = rest_;
    do
        if (rest.empty()) return Err::none;
    while (!begins_block(take_line(rest), block.label));
    const char* const begin = rest.data();
    while (!rest.empty()) {
        std::string_view line = take_line(rest);
        const char* const end = line.data();
        std::string_view other;
        if (begins_block(line, other)) break;
        if (!take_prefix(line, end_mark)) continue;
        if (!take_prefix(line, block.label) || !take_prefix(line, dashes)) break;
        // Files that were joined may lack the line break between blocks.
        if (!line.empty() && !begins_block(line, other)) break;
        if (!line.empty()) rest = {line.data(), rest_.data() + rest_.size()};
        rest_ = rest;
        block.body = {begin, end};
        block.encrypted = is_encrypted(block.body);
        return Err::none;
    }
    block = {};
    return Err::bad_pem;
}

Err decode(MutableBytes buffer, Block& block) {
    if (block.encrypted) return Err::encrypted_private_key;
    std::size_t size = 0;
    const Err error = decode_base64(block.body, buffer, size);
    if (error == Err::none) block.der = buffer.first(size);
    return error;
}

Err Reader::next(MutableBytes buffer, Block& block) {
    const Reader before = *this;
    Err error = next(block);
    if (error == Err::none && !block.label.empty() && !block.encrypted)
        error = decode(buffer, block);
    if (error != Err::none) {
        block = {};
        *this = before;
    }
    return error;
}

bool is_pem(Bytes data) {
    std::string_view rest(reinterpret_cast<const char*>(data.data()), data.size()), label;
    while (!rest.empty())
        if (begins_block(take_line(rest), label)) return true;
    return false;
}

} // namespace ussl::pem
