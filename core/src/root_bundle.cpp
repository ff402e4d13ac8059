#include "ussl/root_bundle.hpp"

#include "ussl/backend/wire.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/trust_anchor.hpp"

#include <cstdint>
#include <cstring>

namespace ussl {
namespace {

constexpr std::uint8_t magic[] = {'u', 's', 's', 'l', 1}; // and the version of the format

} // namespace

bool is_root_bundle(const Bytes& bytes) {
    return bytes.size() >= 4 && std::memcmp(bytes.data(), magic, 4) == 0;
}

#if USSL_ANCHOR_SOURCE

namespace {

using x509::Certificate;
using x509::TrustAnchor;

// --- The format: see docs/roots.md ---

constexpr std::size_t fragments_at = 5, roots_at = 6, size_at = 8, date_at = 12, checksum_at = 16,
                      header_size = 20;
constexpr std::size_t fragment_offset_size = 2, root_offset_size = 3;

enum RootFlags : std::uint8_t {
    key_form = 0x03,
    is_authority = 0x04,
    unknown_critical = 0x08,
    has_path_length = 0x10,
    has_key_usage = 0x20,
    has_extended_key_usage = 0x40,
    has_names = 0x80, // name constraints and subjectAltName
};
enum KeyForm : std::uint8_t { whole_key, rsa_65537, p256, p384 };

class Bundle {
public:
    explicit Bundle(const Bytes& bytes) : bytes_(bytes) {}

    std::size_t fragments() const { return bytes_[fragments_at]; }
    std::size_t roots() const {
        return bytes_.size() < header_size ? 0 : number16(&bytes_[roots_at]);
    }

    Bytes fragment(std::size_t i) const { return piece(header_size, fragment_offset_size, i); }
    Bytes root(std::size_t i) const {
        return piece(header_size + (fragments() + 1) * fragment_offset_size, root_offset_size, i);
    }

private:
    // The bytes between two offsets of a table.
    Bytes piece(std::size_t table, std::size_t size, std::size_t i) const {
        table += i * size;
        if (table + 2 * size > bytes_.size()) return {};
        WireReader offsets(bytes_.subspan(table, 2 * size));
        const std::size_t begin = offsets.number(size), end = offsets.number(size);
        return begin <= end && end <= bytes_.size() ? bytes_.subspan(begin, end - begin) : Bytes{};
    }

    Bytes bytes_;
};

// Compares a packed name with `name` byte by byte: below 0, 0, above 0. Packed bytes below 0x80
// stand for themselves, 0x80 for the byte that follows, and each of the others for a fragment.
int compare(const Bundle& bundle, Bytes packed, Bytes name) {
    while (!packed.empty()) {
        Bytes piece = packed.first(1);
        packed = packed.subspan(1);
        if (piece[0] == 0x80) {
            piece = packed.first(packed.empty() ? 0 : 1);
            packed = packed.subspan(piece.size());
        } else if (piece[0] > 0x80) {
            const std::size_t number = piece[0] - 0x81u;
            piece = number < bundle.fragments() ? bundle.fragment(number) : Bytes{};
        }
        const bool longer = piece.size() > name.size();
        const std::size_t size = longer ? name.size() : piece.size();
        const int difference = size == 0 ? 0 : std::memcmp(piece.data(), name.data(), size);
        if (difference != 0) return difference;
        if (longer) return 1;
        name = name.subspan(size);
    }
    return name.empty() ? 0 : -1;
}

// --- Keys ---

// The start of a SubjectPublicKeyInfo, up to its number.
constexpr std::uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 2,    1,    6, 8, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 3,    1,    7, 3, 0x42, 0,    4};
constexpr std::uint8_t p384_head[] = {0x30, 0x76, 0x30, 0x10, 6, 7,    0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 2,    1, 6,    5,    0x2b,
                                      0x81, 4,    0,    0x22, 3, 0x62, 0,    4};
// With space for four lengths.
constexpr std::uint8_t rsa_head[] = {0x30, 0x82, 0,    0,    0x30, 0x0d, 6, 9,    0x2a, 0x86, 0x48,
                                     0x86, 0xf7, 0x0d, 1,    1,    1,    5, 0,    3,    0x82, 0,
                                     0,    0,    0x30, 0x82, 0,    0,    2, 0x82, 0,    0,    0};
constexpr std::uint8_t rsa_tail[] = {2, 3, 1, 0, 1}; // the exponent, 65537
constexpr std::size_t min_modulus = 256, max_modulus = 512;
static_assert(sizeof rsa_head + max_modulus + sizeof rsa_tail <= TrustAnchor::room_size);

Bytes join(TrustAnchor& anchor, const Bytes& head, const Bytes& number, const Bytes& tail) {
    std::uint8_t* at = anchor.room;
    for (const Bytes* part : {&head, &number, &tail}) {
        if (!part->empty()) std::memcpy(at, part->data(), part->size());
        at += part->size();
    }
    return {anchor.room, at};
}

Bytes read_key(WireReader& fields, unsigned form, TrustAnchor& anchor) {
    if (form == p256) return join(anchor, p256_head, fields.bytes(64), {});
    if (form == p384) return join(anchor, p384_head, fields.bytes(96), {});
    const Bytes key = fields.vector(2);
    if (form == whole_key) return key;
    if (key.size() < min_modulus || key.size() > max_modulus) return {};
    const Bytes whole = join(anchor, rsa_head, key, rsa_tail);
    // The lengths of the nested structures, which end with the key.
    for (const std::size_t at : {2u, 21u, 26u, 30u}) {
        const std::size_t end = at == 30 ? whole.size() - sizeof rsa_tail : whole.size();
        anchor.room[at] = static_cast<std::uint8_t>((end - at - 2) >> 8);
        anchor.room[at + 1] = static_cast<std::uint8_t>(end - at - 2);
    }
    return whole;
}

// --- Roots ---

// Five bytes, signed.
UnixTime read_time(WireReader& fields) {
    const auto high = static_cast<std::int8_t>(fields.number(1));
    return UnixTime{high} * (UnixTime{1} << 32) + fields.number(4);
}

// Reads a root whose name is already known. false: malformed.
bool read_root(WireReader fields, const Bytes& name, TrustAnchor& out) {
    Certificate& root = out.certificate;
    out.checksum = fields.number(4);
    const unsigned flags = fields.number(1);
    root.not_before = read_time(fields);
    root.not_after = read_time(fields);
    root.path_length = UINT32_MAX;
    if ((flags & has_path_length) != 0) root.path_length = fields.number(3);
    root.key_usage = x509::any_key_usage;
    if ((flags & has_key_usage) != 0) root.key_usage = static_cast<std::uint8_t>(fields.number(1));
    root.extended_key_usage = x509::any_extended_key_usage;
    if ((flags & has_extended_key_usage) != 0)
        root.extended_key_usage = static_cast<std::uint8_t>(fields.number(1));
    if ((flags & has_names) != 0) {
        root.name_constraints = fields.vector(2);
        root.subject_alt_name = fields.vector(2);
    }
    root.is_ca = (flags & is_authority) != 0;
    root.has_unknown_critical = (flags & unknown_critical) != 0;
    root.subject = root.issuer = name;
    root.subject_public_key = read_key(fields, flags & key_form, out);
    x509::PublicKey key;
    if (!fields.ended_well() || !x509::parse_public_key(root.subject_public_key, key)) return false;
    root.key = key.kind;
    root.key_bits = x509::key_bits(key);
    return true;
}

bool find(void* user, const Bytes& name, unsigned number, TrustAnchor& out) {
    const Bundle bundle(*static_cast<const Bytes*>(user));
    // Binary search for the first root whose name is not less.
    std::size_t at = 0;
    for (std::size_t end = bundle.roots(); at < end;) {
        const std::size_t middle = (at + end) / 2;
        if (compare(bundle, WireReader(bundle.root(middle)).vector(2), name) < 0)
            at = middle + 1;
        else
            end = middle;
    }
    if (number >= bundle.roots() - at) return false;
    WireReader fields(bundle.root(at + number));
    return compare(bundle, fields.vector(2), name) == 0 && read_root(fields, name, out);
}

bool is_good(const Bytes& bytes) {
    if (bytes.size() < header_size || std::memcmp(bytes.data(), magic, sizeof magic) != 0 ||
        number32(&bytes[size_at]) != bytes.size() ||
        number32(&bytes[checksum_at]) !=
            crc32(bytes.subspan(header_size), crc32(bytes.first(checksum_at))))
        return false;
    const Bundle bundle(bytes);
    for (std::size_t i = 0; i < bundle.roots(); ++i) {
        TrustAnchor anchor;
        WireReader fields(bundle.root(i));
        fields.vector(2);
        if (!read_root(fields, {}, anchor)) return false;
    }
    return true;
}

} // namespace

RootBundle::RootBundle(const Bytes& good) { view(good); }

void RootBundle::view(const Bytes& bundle) {
    bytes_ = bundle;
    source_ = {&bytes_, find, bundle.first(bundle.size() < header_size ? 0 : header_size)};
}

Err RootBundle::open(const Bytes& bundle) {
    if (!is_good(bundle)) return Err::bad_roots;
    view(bundle);
    return Err::none;
}

std::size_t RootBundle::roots() const { return Bundle(bytes_).roots(); }

UnixTime RootBundle::date() const {
    return bytes_.size() < header_size ? 0 : UnixTime{number32(&bytes_[date_at])};
}

#else

RootBundle::RootBundle(const Bytes&) {}
Err RootBundle::open(const Bytes&) { return Err::unsupported; }
std::size_t RootBundle::roots() const { return 0; }
UnixTime RootBundle::date() const { return 0; }

#endif

} // namespace ussl
