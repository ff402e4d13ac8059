#include "ussl/x509/identity.hpp"

#include "ussl/x509/der.hpp"

namespace ussl::x509 {
namespace {

// RFC 5280, 4.2.1.6: GeneralName's choices.
constexpr std::uint8_t tag_dns_name = der::context_primitive(2);
constexpr std::uint8_t tag_ip_address = der::context_primitive(7);

std::uint8_t lower(std::uint8_t c) {
    return c >= 'A' && c <= 'Z' ? static_cast<std::uint8_t>(c + ('a' - 'A')) : c;
}

Bytes without_trailing_dot(Bytes name) {
    return !name.empty() && name.back() == '.' ? name.first(name.size() - 1) : name;
}

// From the dot on that ends the first label, which is not empty; empty where there is none.
Bytes after_first_label(Bytes name) {
    for (std::size_t i = 1; i < name.size(); ++i)
        if (name[i] == '.') return name.subspan(i);
    return {};
}

// `reference` has passed is_dns_name(). What is presented is compared as it stands, so that it need
// not be checked, but for the parent of a wildcard.
bool dns_name_matches(Bytes presented, Bytes reference) {
    if (presented.size() > 2 && presented[0] == '*' && presented[1] == '.') {
        presented = presented.subspan(1);
        // At least two labels, neither of them empty, must follow the star.
        if (after_first_label(presented.subspan(1)).size() < 2) return false;
        reference = after_first_label(reference);
    }
    return equal_ignoring_case(presented, reference);
}

bool is_label_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

// One number of an address at the front of `text`, which loses it. Negative where there is none, it
// has more than `max_digits`, or (decimal) a leading zero, which some read as octal.
int take_number(std::string_view& text, int base, std::size_t max_digits) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digit_value(text[digits]) < base) {
        if (digits == max_digits) return -1;
        value = value * base + digit_value(text[digits++]);
    }
    if (digits == 0 || (base == 10 && digits > 1 && text[0] == '0')) return -1;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

bool parse_ipv4(std::string_view text, std::uint8_t* out) {
    for (int i = 0; i < 4; ++i) {
        if (i != 0 && !take(text, '.')) return false;
        const int number = take_number(text, 10, 3);
        if (number < 0 || number > 255) return false;
        out[i] = static_cast<std::uint8_t>(number);
    }
    return text.empty();
}

bool parse_ipv6(std::string_view text, std::uint8_t (&out)[16]) {
    constexpr std::size_t none = 16;
    std::size_t filled = 0;
    std::size_t gap = none; // where "::" stands
    if (text.size() >= 2 && text[0] == ':' && text[1] == ':') {
        gap = 0;
        text.remove_prefix(2);
    }
    while (!text.empty()) {
        // The last four bytes may be written as an IPv4 address.
        if (filled <= 12 && text.find(':') == std::string_view::npos &&
            text.find('.') != std::string_view::npos) {
            if (!parse_ipv4(text, out + filled)) return false;
            filled += 4;
            break;
        }
        if (filled == 16) return false;
        const int group = take_number(text, 16, 4);
        if (group < 0) return false;
        out[filled++] = static_cast<std::uint8_t>(group >> 8);
        out[filled++] = static_cast<std::uint8_t>(group);
        if (text.empty()) break;
        if (!take(text, ':')) return false;
        if (take(text, ':')) {
            if (gap != none) return false;
            gap = filled;
        } else if (text.empty())
            return false; // a single colon at the end
    }
    if (gap == none) return filled == 16;
    if (filled > 14) return false; // "::" stands for at least one group
    const std::size_t tail = filled - gap;
    for (std::size_t i = 1; i <= tail; ++i)
        out[16 - i] = out[filled - i];
    for (std::size_t i = gap; i < 16 - tail; ++i)
        out[i] = 0;
    return true;
}

} // namespace

bool equal_ignoring_case(Bytes a, Bytes b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

AltName next_alt_name(Bytes& rest) {
    while (!rest.empty()) {
        der::Reader reader(rest);
        const der::Element name = reader.next();
        if (reader.bad()) {
            rest = {};
            break;
        }
        rest = rest.subspan(name.whole.size());
        if (name.tag == tag_dns_name) return {AltName::Kind::dns_name, name.value};
        if (name.tag == tag_ip_address && (name.value.size() == 4 || name.value.size() == 16))
            return {AltName::Kind::ip_address, name.value};
    }
    return {};
}

bool matches(Bytes subject_alt_name, const PeerIdentity& peer) {
    const Bytes reference = without_trailing_dot(as_bytes(peer.dns_name));
    for (;;) {
        const AltName name = next_alt_name(subject_alt_name);
        switch (name.kind) {
        case AltName::Kind::none: return false;
        case AltName::Kind::dns_name:
            if (!reference.empty() && dns_name_matches(name.value, reference)) return true;
            break;
        case AltName::Kind::ip_address:
            if (equal(name.value, peer.ip_address)) return true;
            break;
        }
    }
}

bool is_dns_name(std::string_view name) {
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    if (name.empty() || name.size() > 253) return false;
    std::size_t label = 0;
    bool numeric = true; // the last label: all digits means an IPv4 address (RFC 1123, 2.1)
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            numeric = true;
            continue;
        }
        if (!is_label_character(c) || ++label > 63) return false;
        numeric = numeric && c >= '0' && c <= '9';
    }
    return label != 0 && !numeric;
}

std::size_t parse_ip_address(std::string_view text, std::uint8_t (&out)[16]) {
    if (parse_ipv4(text, out)) return 4;
    return parse_ipv6(text, out) ? 16 : 0;
}

} // namespace ussl::x509
