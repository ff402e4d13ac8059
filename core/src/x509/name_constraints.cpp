#include "ussl/x509/name_constraints.hpp"

#include "ussl/x509/der.hpp"
#include "ussl/x509/identity.hpp"

namespace ussl::x509 {
namespace {

using der::Parser;

// RFC 5280, 4.2.1.6: GeneralName's choices.
constexpr std::uint8_t rfc822_name = der::context_primitive(1);
constexpr std::uint8_t dns_name = der::context_primitive(2);
constexpr std::uint8_t directory_name = der::context_constructed(4);
constexpr std::uint8_t ip_address = der::context_primitive(7);

// PKCS #9's emailAddress, with its tag and length, as it stands in a subject.
constexpr std::uint8_t email_attribute[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1};

// Names times subtrees: far more than any real path has, and still fast.
constexpr unsigned max_comparisons = 1u << 16;

bool starts_with(Bytes whole, Bytes front) {
    return whole.size() >= front.size() && equal(whole.first(front.size()), front);
}

bool contains(Bytes whole, Bytes part) {
    for (; whole.size() >= part.size(); whole = whole.subspan(1))
        if (starts_with(whole, part)) return true;
    return false;
}

bool ends_with(Bytes whole, Bytes end) {
    return whole.size() >= end.size() && equal_ignoring_case(whole.last(end.size()), end);
}

// A DNS name has no empty label, not even at its end (RFC 5280, 4.2.1.6).
bool has_empty_label(Bytes name) {
    bool is_empty = true;
    for (const std::uint8_t c : name) {
        if (c == '.' && is_empty) return true;
        is_empty = c == '.';
    }
    return is_empty;
}

// The base of a subtree: empty, or a DNS name, perhaps with a leading dot.
bool is_dns_base(Bytes base) {
    if (base.empty()) return true;
    return !has_empty_label(base[0] == '.' ? base.subspan(1) : base);
}

bool is_dns_name_inside(Bytes name, Bytes base) {
    if (!ends_with(name, base)) return false;
    const std::size_t before = name.size() - base.size();
    return before == 0 || base.empty() || base[0] == '.' || name[before - 1] == '.';
}

// "*.example" could be any name in a subtree below "example".
bool is_wildcard_above(Bytes name, Bytes base) {
    return name.size() > 1 && name[0] == '*' && ends_with(base, name.subspan(1));
}

// `base` is an address and a mask of the same size.
bool is_address_inside(Bytes address, Bytes base) {
    const std::size_t size = address.size();
    if (base.size() != 2 * size) return false;
    for (std::size_t i = 0; i < size; ++i)
        if (((address[i] ^ base[i]) & base[size + i]) != 0) return false;
    return true;
}

struct Name {
    std::uint8_t form;
    Bytes value; // of a directoryName: the Name with its tag
};

// Definitely inside.
bool is_inside(const Name& name, Bytes base) {
    switch (name.form) {
    case dns_name: return !has_empty_label(name.value) && is_dns_name_inside(name.value, base);
    case ip_address: return is_address_inside(name.value, base);
    case directory_name: {
        // The subtree's relative names are the first ones of the subject.
        Parser subject(name.value), subtree(base);
        const Bytes front = subtree.expect(der::sequence);
        return starts_with(subject.expect(der::sequence), front) && !subtree.bad();
    }
    default: return false;
    }
}

// Definitely outside.
bool is_outside(const Name& name, Bytes base) {
    switch (name.form) {
    case dns_name:
        return !has_empty_label(name.value) && is_dns_base(base) &&
               !is_dns_name_inside(name.value, base) && !is_wildcard_above(name.value, base);
    case ip_address:
        return (base.size() == 8 || base.size() == 32) && !is_address_inside(name.value, base);
    default: return false;
    }
}

class Constraints {
public:
    explicit Constraints(Bytes constraints) {
        Parser reader(constraints);
        permitted_ = reader.optional(der::context_constructed(0));
        excluded_ = reader.optional(der::context_constructed(1));
        reader.finish();
        kept_ = !reader.bad() && !(permitted_.empty() && excluded_.empty());
    }

    void hold(const Name& name) {
        bool is_constrained = false, is_permitted = false;
        Parser permitted(permitted_), excluded(excluded_);
        while (const Subtree subtree = next(permitted)) {
            if (subtree.form != name.form) continue;
            is_constrained = true;
            is_permitted = is_permitted || is_inside(name, subtree.base);
        }
        if (is_constrained && !is_permitted) kept_ = false;
        while (const Subtree subtree = next(excluded))
            if (subtree.form == name.form && !is_outside(name, subtree.base)) kept_ = false;
    }

    bool kept() const { return kept_; }

private:
    struct Subtree {
        std::uint8_t form = 0;
        Bytes base;
        explicit operator bool() const { return form != 0; }
    };

    // Empty at the end, and after a violation.
    Subtree next(Parser& subtrees) {
        if (subtrees.at_end() || !kept_) return {};
        Parser subtree = subtrees.enter(der::sequence);
        const der::Element base = subtree.next();
        subtree.finish(); // no minimum but its default, no maximum
        kept_ = !subtrees.bad() && ++comparisons_ <= max_comparisons;
        return kept_ ? Subtree{base.tag, base.value} : Subtree{};
    }

    Bytes permitted_, excluded_;
    unsigned comparisons_ = 0;
    bool kept_;
};

} // namespace

bool keeps_name_constraints(const Certificate& certificate, Bytes constraints) {
    Constraints held(constraints);
    constexpr std::size_t empty_name = 2; // a SEQUENCE of nothing
    if (certificate.subject.size() > empty_name) held.hold({directory_name, certificate.subject});
    if (contains(certificate.subject, email_attribute)) held.hold({rfc822_name, {}});
    Parser names(certificate.subject_alt_name);
    while (!names.at_end() && held.kept()) {
        const der::Element name = names.next();
        held.hold({name.tag, name.value});
    }
    return held.kept() && !names.bad();
}

} // namespace ussl::x509
