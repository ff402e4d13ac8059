#include "ussl/make_certificate.hpp"

#include "ussl/backend/check_settings.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/der_writer.hpp"
#include "ussl/x509/description.hpp"
#include "ussl/x509/identity.hpp"
#include "ussl/x509/private_key.hpp"

#include <cstring>

#if USSL_MAKE_CERTIFICATES

namespace ussl {
namespace {

using der::Writer;

constexpr std::size_t scalar_size = 32, point_size = 65, max_signature = 72, serial_size = 16;
constexpr std::size_t max_common_name = 64; // RFC 5280, A.1: ub-common-name
constexpr UnixTime day = 86400, hour = 3600;
constexpr UnixTime last_time = 253402300799; // 9999-12-31T23:59:59Z

// --- The constant parts of keys, certificates and requests ---

// ECPrivateKey (RFC 5915, 3): what precedes the scalar, and what is between scalar and point.
constexpr std::uint8_t key_front[] = {0x30, made_key_size - 2, 2, 1, 1, 4, scalar_size};
constexpr std::uint8_t key_middle[] = {0xa0, 10,   6,    8,
                                       0x2a, 0x86, 0x48, 0xce,
                                       0x3d, 3,    1,    7, // secp256r1
                                       0xa1, 0x44, 3,    point_size + 1,
                                       0};
static_assert(sizeof key_front + scalar_size + sizeof key_middle + point_size == made_key_size);

// SubjectPublicKeyInfo (RFC 5480, 2) up to the point.
constexpr std::uint8_t key_info_front[] = {0x30, 0x59,
                                           0x30, 0x13,
                                           6,    7,
                                           0x2a, 0x86,
                                           0x48, 0xce,
                                           0x3d, 2,
                                           1, // id-ecPublicKey
                                           6,    8,
                                           0x2a, 0x86,
                                           0x48, 0xce,
                                           0x3d, 3,
                                           1,    7, // secp256r1
                                           3,    point_size + 1,
                                           0};

// AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758, 3.2).
constexpr std::uint8_t ecdsa_with_sha256[] = {0x30, 10,   6,    8, 0x2a, 0x86,
                                              0x48, 0xce, 0x3d, 4, 3,    2};

constexpr std::uint8_t common_name[] = {6, 3, 0x55, 4, 3}; // RFC 5280, A.1
constexpr std::uint8_t subject_alt_name[] = {6, 3, 0x55, 0x1d, 0x11};

// RFC 5280, 4.2.1.9, 4.2.1.3 and 4.2.1.12; the first two are critical.
constexpr std::uint8_t usage_extensions[] = {
    0x30, 12, 6,    3, 0x55, 0x1d, 0x13, 1, 1,  0xff, 4,  2, 0x30, 0,             // no CA
    0x30, 14, 6,    3, 0x55, 0x1d, 0x0f, 1, 1,  0xff, 4,  4, 3,    2,    7, 0x80, // digitalSignature
    0x30, 29, 6,    3, 0x55, 0x1d, 0x25, 4, 22, 0x30, 20, 6, 8,    0x2b, 6, 1,    5,
    5,    7,  3,    1,                             // serverAuth
    6,    8,  0x2b, 6, 1,    5,    5,    7, 3,  2, // clientAuth
};

// RFC 2985, 5.4.2.
constexpr std::uint8_t extension_request[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14};

// What follows the signed part.
constexpr std::size_t max_tail = sizeof ecdsa_with_sha256 + 3 + max_signature;

// --- Keys ---

// Draws a random number that is a valid key. One draw in 2^32 is not; a generator that fails twice
// is broken.
bool draw_scalar(const Environment& environment, std::uint8_t (&scalar)[scalar_size]) {
    for (int i = 0; i < 2; ++i) {
        if (!environment.random(environment.user, MutableBytes{scalar})) return false;
        if (x509::is_private_scalar(x509::KeyKind::ec_p256, Bytes{scalar})) return true;
    }
    return false;
}

struct OwnKey {
    std::uint8_t scalar[scalar_size] = {};
    std::uint8_t key_info[sizeof key_info_front + point_size]; // SubjectPublicKeyInfo

    ~OwnKey() { wipe(scalar, sizeof scalar); }

    Err read(const P256& library, const Bytes& der) {
        x509::PrivateKey key;
        if (const Err error = x509::parse_private_key(der, key); error != Err::none) return error;
        if (key.kind != x509::KeyKind::ec_p256) return Err::unsupported;
        if (!x509::is_private_scalar(key.kind, key.scalar)) return Err::bad_private_key;
        std::memcpy(scalar + scalar_size - key.scalar.size(), key.scalar.data(), key.scalar.size());
        std::uint8_t point[point_size];
        if (!library.public_point(scalar, point))
            return Operation::resource_error_or(Err::internal);
        std::memcpy(key_info, key_info_front, sizeof key_info_front);
        std::memcpy(key_info + sizeof key_info_front, point, point_size);
        return x509::check_private_key(key, Bytes{key_info});
    }
};

// --- Names and times ---

std::string_view text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view without_star(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    return name;
}

bool are_certificate_names(std::span<const Bytes> names) {
    for (const Bytes& name : names)
        if (!is_certificate_name(name)) return false;
    return !names.empty() && names.front().size() <= max_common_name;
}

// Writes GeneralNames (RFC 5280, 4.2.1.6) as an Extension in its list.
void write_names(std::span<const Bytes> names, Writer& to) {
    const std::size_t before = to.written().size();
    for (std::size_t i = names.size(); i-- != 0;) {
        const std::size_t before_name = to.written().size();
        std::uint8_t address[16];
        const std::size_t size = x509::parse_ip_address(text_of(names[i]), address);
        to.put(size != 0 ? Bytes{address, size} : names[i]);
        to.head(der::context_primitive(size != 0 ? 7 : 2), before_name);
    }
    to.head(der::sequence, before);
    to.head(der::octet_string, before);
    to.put(subject_alt_name);
    to.head(der::sequence, before);
}

// Writes a Name with only a common name (RFC 5280, 4.1.2.4).
void write_name(const Bytes& text, Writer& to) {
    const std::size_t before = to.written().size();
    to.put(text);
    to.head(der::utf8_string, before);
    to.put(common_name);
    to.head(der::sequence, before);
    to.head(der::set, before);
    to.head(der::sequence, before);
}

// The format depends on the year (RFC 5280, 4.1.2.5).
void write_time(UnixTime time, Writer& to) {
    const x509::CalendarTime at = x509::calendar_time(time);
    const auto year = static_cast<unsigned>(at.year);
    const bool is_utc_time = year < 2050;
    const std::size_t before = to.written().size();
    to.put('Z');
    const unsigned pairs[] = {at.second, at.minute,  at.hour,   at.day,
                              at.month,  year % 100, year / 100};
    for (unsigned i = 0; i < (is_utc_time ? 6u : 7u); ++i) {
        to.put('0' + pairs[i] % 10);
        to.put('0' + pairs[i] / 10);
    }
    to.head(is_utc_time ? der::utc_time : der::generalized_time, before);
}

struct Validity {
    UnixTime not_before, not_after;
};

Err validity_of(const NewCertificate& contents, const Environment& environment, Validity& out) {
    out.not_before = contents.not_before;
    if (contents.not_before == 0) {
        const Err error = read_clock(environment, out.not_before);
        if (error != Err::none) return error;
        out.not_before -= hour;
    }
    if (contents.days == 0 || contents.not_before < 0 || out.not_before > last_time)
        return Err::invalid_argument;
    // Both ends are included (RFC 5280, 4.1.2.5).
    out.not_after = out.not_before + day * UnixTime{contents.days} - 1;
    return out.not_after <= last_time ? Err::none : Err::invalid_argument;
}

// --- Structures ---

// TBSCertificate (RFC 5280, 4.1).
Err write_certificate(const NewCertificate& contents, const Environment& environment,
                      const OwnKey& key, Writer& to) {
    Validity validity;
    const Err error = validity_of(contents, environment, validity);
    if (error != Err::none) return error;
    std::uint8_t serial[serial_size];
    if (!environment.random(environment.user, MutableBytes{serial})) return Err::no_randomness;
    serial[0] = static_cast<std::uint8_t>(
        (serial[0] & 0x7f) | 0x40); // RFC 5280, 4.1.2.2: positive; and all of it counts
    constexpr std::uint8_t version3[] = {0xa0, 3, 2, 1, 2};
    const std::size_t before = to.written().size();
    write_names(contents.names, to);
    to.put(usage_extensions);
    to.head(der::sequence, before);
    to.head(der::context_constructed(3), before);
    to.put(key.key_info);
    write_name(contents.names.front(), to);
    const std::size_t before_validity = to.written().size();
    write_time(validity.not_after, to);
    write_time(validity.not_before, to);
    to.head(der::sequence, before_validity);
    write_name(contents.names.front(), to);
    to.put(ecdsa_with_sha256);
    const std::size_t before_serial = to.written().size();
    to.put(serial);
    to.head(der::integer, before_serial);
    to.put(version3);
    to.head(der::sequence, before);
    return Err::none;
}

// CertificationRequestInfo (RFC 2986, 4.1).
Err write_request(const NewCertificate& contents, const Environment&, const OwnKey& key,
                  Writer& to) {
    constexpr std::uint8_t version1[] = {2, 1, 0};
    const std::size_t before = to.written().size();
    write_names(contents.names, to);
    to.head(der::sequence, before);
    to.head(der::set, before);
    to.put(extension_request);
    to.head(der::sequence, before);
    to.head(der::context_constructed(0), before);
    to.put(key.key_info);
    write_name(contents.names.front(), to);
    to.put(version1);
    to.head(der::sequence, before);
    return Err::none;
}

MutableBytes without_tail(const MutableBytes& room) { return room.first(room.size() - max_tail); }

// Signs what was written, and makes one SEQUENCE of it, the algorithm and the signature. `room` has
// space for those behind.
Err sign(const P256& library, const OwnKey& key, const MutableBytes& room, const Writer& to,
         Bytes& made) {
    std::uint8_t digest[32], signature[max_signature];
    std::size_t size = 0;
    if (library.backend().sha256(to.written(), digest))
        size = library.sign(key.scalar, digest, signature);
    if (size == 0) return Operation::resource_error_or(Err::internal);

    Writer all(room);
    all.put(Bytes{signature, size});
    all.put(0u); // no unused bits
    all.head(der::bit_string);
    all.put(ecdsa_with_sha256);
    all.put(to.written());
    all.head(der::sequence);
    made = all.written();
    return Err::none;
}

// Either of the two: `write` writes the part that is signed.
Err make(const P256& library, const Environment& environment, const NewCertificate& contents,
         const MutableBytes& room, decltype(write_certificate)& write, Bytes& made) {
    if (!are_certificate_names(contents.names)) return Err::invalid_argument;
    if (room.size() < room_for_certificate(contents.names)) return Err::no_memory;
    Operation::Owner owner{&environment};
    const Operation operation(owner);
    OwnKey key;
    Err error = key.read(library, contents.private_key);
    if (error != Err::none) return error;
    Writer to(without_tail(room));
    error = write(contents, environment, key, to);
    return error == Err::none ? sign(library, key, room, to, made) : error;
}

} // namespace

bool is_certificate_name(const Bytes& name) {
    const std::string_view text = text_of(name);
    std::uint8_t address[16];
    return (x509::is_dns_name(without_star(text)) && !text.ends_with('.')) ||
           x509::parse_ip_address(text, address) != 0;
}

std::size_t room_for_certificate(std::span<const Bytes> names) {
    constexpr std::size_t most_without_names = 512, head = 3, address = 16;
    std::size_t room = most_without_names;
    for (const Bytes& name : names)
        room += head + (name.size() > address ? name.size() : address);
    return room;
}

Err make_key(const P256& library, const Environment& environment,
             std::uint8_t (&key)[made_key_size]) {
    Operation::Owner owner{&environment};
    const Operation operation(owner);
    std::memset(key, 0, sizeof key);
    std::uint8_t scalar[scalar_size], point[point_size];
    Err error = Err::none;
    if (!draw_scalar(environment, scalar))
        error = Err::no_randomness;
    else if (!library.public_point(scalar, point))
        error = Operation::resource_error_or(Err::internal);
    if (error == Err::none) {
        Writer to(MutableBytes{key});
        to.put(point);
        to.put(key_middle);
        to.put(scalar);
        to.put(key_front);
    }
    wipe(scalar, sizeof scalar);
    return error;
}

Err make_certificate(const P256& library, const Environment& environment,
                     const NewCertificate& contents, MutableBytes room, Bytes& certificate) {
    return make(library, environment, contents, room, write_certificate, certificate);
}

Err make_certificate_request(const P256& library, const Environment& environment,
                             const NewCertificate& contents, MutableBytes room, Bytes& request) {
    return make(library, environment, contents, room, write_request, request);
}

} // namespace ussl

#endif
