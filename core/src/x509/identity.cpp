#include "ussl/x509/identity.hpp"

#include "ussl/x509/der.hpp"

#include <cstring>

namespace ussl::x509 {
namespace {

// RFC 5280, 4.2.1.6: GeneralName's choices.
constexpr std::uint8_t tag_dns_name = der::context_primitive(2);
constexpr std::uint8_t tag_ip_address = der::context_primitive(7);

bool is_letter(unsigned c) { return (c | 0x20) - 'a' < 26; }

Bytes without_trailing_dot(Bytes name) {
    return !name.empty() && name.back() == '.' ? name.first(name.size() - 1) : name;
}

// Length of the first label, at least 1; the whole `name` if it has no dot.
std::size_t first_label(const Bytes& name) {
    std::size_t size = 1;
    while (size < name.size() && name[size] != '.')
        ++size;
    return size;
}

// `reference` has passed is_dns_name(). So `presented` needs no check when they are equal, except
// for the parent of a wildcard.
bool dns_name_matches(const Bytes& presented, const Bytes& reference) {
    if (presented.size() < 3 || presented[0] != '*' || presented[1] != '.')
        return equal_ignoring_case(presented, reference);
    // At least two labels, neither of them empty, must follow the star.
    const Bytes parent = presented.subspan(2);
    return first_label(parent) + 1 < parent.size() &&
           equal_ignoring_case(presented.subspan(1), reference.subspan(first_label(reference)));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_label_character(char c) {
    return is_letter(static_cast<std::uint8_t>(c)) || is_digit(c) || c == '-' || c == '_';
}

// 16: not a hexadecimal digit.
unsigned digit_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    const unsigned letter = (static_cast<std::uint8_t>(c) | 0x20u) - 'a';
    return letter < 6 ? 10 + letter : 16;
}

// Takes one number of an address from the front of `text`: up to three decimal or four hexadecimal
// digits. Negative: none, too many digits, or (decimal) a leading zero, which some read as octal.
int take_number(std::string_view& text, unsigned base) {
    const std::size_t max_digits = base == 10 ? 3 : 4;
    std::size_t digits = 0;
    unsigned value = 0;
    for (; digits < text.size(); ++digits) {
        const unsigned digit = digit_value(text[digits]);
        if (digit >= base) break;
        if (digits == max_digits) return -1;
        value = value * base + digit;
    }
    if (digits == 0 || (base == 10 && digits > 1 && text[0] == '0')) return -1;
    text.remove_prefix(digits);
    return static_cast<int>(value);
}

bool is_next(const std::string_view& text, char c) { return !text.empty() && text.front() == c; }

bool take(std::string_view& text, char c) {
    if (!is_next(text, c)) return false;
    text.remove_prefix(1);
    return true;
}

bool parse_ipv4(std::string_view text, std::uint8_t* out) {
    for (int i = 0; i < 4; ++i) {
        if (i != 0 && !take(text, '.')) return false;
        const int number = take_number(text, 10);
        if (number < 0 || number > 255) return false;
        out[i] = static_cast<std::uint8_t>(number);
    }
    return text.empty();
}

bool parse_ipv6(std::string_view text, std::uint8_t* out) {
    constexpr std::size_t size = 16, none = SIZE_MAX;
    std::size_t filled = 0;
    std::size_t gap = none; // position of "::"
    if (take(text, ':') && !is_next(text, ':')) return false;
    for (;;) {
        // The second of two colons: the first has been taken.
        if (take(text, ':')) {
            if (gap != none) return false;
            gap = filled;
            if (text.empty()) break;
        }
        if (filled == size) return false;
        const std::string_view from_group = text;
        const int group = take_number(text, 16);
        if (group < 0) return false;
        // The last four bytes may be written as an IPv4 address.
        if (is_next(text, '.')) {
            if (filled > size - 4 || !parse_ipv4(from_group, out + filled)) return false;
            filled += 4;
            break;
        }
        out[filled++] = static_cast<std::uint8_t>(group >> 8);
        out[filled++] = static_cast<std::uint8_t>(group);
        if (text.empty()) break;
        if (!take(text, ':')) return false;
    }
    if (gap == none) return filled == size;
    if (filled > size - 2) return false; // "::" stands for at least one group
    const std::size_t tail = filled - gap;
    std::memmove(out + size - tail, out + gap, tail);
    std::memset(out + gap, 0, size - filled);
    return true;
}

} // namespace

bool equal_ignoring_case(const Bytes& a, const Bytes& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const unsigned difference = a[i] ^ b[i];
        if (difference != 0 && (difference != 0x20 || !is_letter(a[i]))) return false;
    }
    return true;
}

AltName next_alt_name(Bytes& rest) {
    der::Row row(rest);
    AltName name;
    while (name.kind == AltName::Kind::none && !row.at_end()) {
        const std::uint8_t tag = row.take();
        if (tag == 0) row.rest = {};
        const std::size_t size = row.value.size();
        if (tag == tag_dns_name) name = {AltName::Kind::dns_name, row.value};
        if (tag == tag_ip_address && (size == 4 || size == 16))
            name = {AltName::Kind::ip_address, row.value};
    }
    rest = row.rest;
    return name;
}

bool matches(const Bytes& subject_alt_name, const PeerIdentity& peer) {
    const Bytes reference = without_trailing_dot(as_bytes(peer.dns_name));
    der::Row row(subject_alt_name);
    while (const std::uint8_t tag = row.take()) {
        const Bytes& name = row.value;
        if (tag == tag_dns_name && !reference.empty() && dns_name_matches(name, reference))
            return true;
        if (tag == tag_ip_address && !name.empty() && equal(name, peer.ip_address)) return true;
    }
    return false;
}

namespace {

enum class Form : std::uint8_t { none, numeric, name };

// numeric: the last label has only digits, as in an IPv4 address (RFC 1123, 2.1).
Form form_of(std::string_view name) {
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    if (name.empty() || name.size() > 253) return Form::none;
    std::size_t label = 0;
    bool numeric = true;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return Form::none;
            label = 0;
            numeric = true;
            continue;
        }
        if (!is_label_character(c) || ++label > 63) return Form::none;
        numeric = numeric && is_digit(c);
    }
    if (label == 0) return Form::none;
    return numeric ? Form::numeric : Form::name;
}

} // namespace

bool is_dns_name(std::string_view name) { return form_of(name) == Form::name; }
bool is_host_name(std::string_view name) { return form_of(name) != Form::none; }

std::size_t parse_ip_address(std::string_view text, std::uint8_t (&out)[16]) {
    if (parse_ipv4(text, out)) return 4;
    return parse_ipv6(text, out) ? 16 : 0;
}

} // namespace ussl::x509
