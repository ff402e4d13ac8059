#include "ussl/x509/certificate.hpp"

#include "ussl/features.hpp"
#include "ussl/x509/der_shape.hpp"

#include <cstddef>
#include <cstring>
#include <iterator>

namespace ussl::x509 {
namespace {

using namespace der;

// The parts that parse() makes a Certificate of; absent ones are empty.
struct Reading {
    Certificate certificate{};
    Bytes version, signed_algorithm, not_before, not_after, extensions, algorithm, algorithm_oid;
    // Contents of extensions: the BIT STRING of keyUsage, the fields of basicConstraints, and the
    // SEQUENCE of extKeyUsage.
    Bytes key_usage, is_ca, path_length, extended_key_usage;
};

// Whether an optional element was present, empty or not.
bool is_present(const Bytes& element) { return element.data() != nullptr; }

// --- Object identifiers ---

// Known OIDs without their last arc.
enum Family : unsigned {
    extension = 0,                 // id-ce
    private_extension = 1 << 8,    // id-pe
    any_extended_purpose = 2 << 8, // anyExtendedKeyUsage itself: its last arc is 0
    key_purpose = 3 << 8,          // id-kp
    ec_key_type = 4 << 8,
    prime_curve = 5 << 8,
    certicom_curve = 6 << 8,
    ecdsa = 7 << 8,
    ecdsa_sha2 = 8 << 8,
    pkcs1 = 9 << 8,
    sha2 = 10 << 8,
    unknown = 11 << 8,
};

// Their contents in that order, each preceded by its length.
constexpr std::uint8_t families[] = {2, 0x55, 0x1d,                            //
                                     7, 0x2b, 6,    1,    5,    5,    7,    1, //
                                     3, 0x55, 0x1d, 0x25,                      //
                                     7, 0x2b, 6,    1,    5,    5,    7,    3, //
                                     6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2,       //
                                     7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,    1, //
                                     4, 0x2b, 0x81, 0x04, 0,                   //
                                     6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4,       //
                                     7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4,    3, //
#if USSL_RSA // without it, signatures by RSA are of an unknown kind
                                     8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, //
                                     8, 0x60, 0x86, 0x48, 1,    0x65, 3,    4, 2,
#endif
                                     0};

// The family and the last arc of an OID.
unsigned identify(const Bytes& oid) {
    unsigned family = 0;
    for (const std::uint8_t* at = families; *at != 0; at += 1 + *at, family += 1 << 8)
        if (oid.size() == *at + 1u && std::memcmp(oid.data(), at + 1, *at) == 0)
            return family | oid[*at];
    return unknown;
}

// --- Signatures ---

HashKind hash_after(HashKind first, unsigned arcs) {
    return static_cast<HashKind>(static_cast<unsigned>(first) + arcs);
}

#if USSL_RSA
struct PssParameters {
    Bytes hash;
};
constexpr Step pss_shape[] = {
    {object_identifier, check},
    {sequence, enter},
    {context_constructed(0), enter},
    {sequence, enter},
    {object_identifier, store, offsetof(PssParameters, hash)},
    {0, leave_rest},
    {0, leave_rest},
    {0, leave_rest},
    {0, leave_rest},
};

// RFC 8017, A.2.
void read_rsa_signature(unsigned arc, const Bytes& algorithm, Certificate& out) {
    SignatureKind kind = SignatureKind::rsa_pkcs1;
    if (arc == 10) {
        // RSASSA-PSS has its hash in the parameters; the default is SHA-1 (RFC 8017, A.2.3).
        PssParameters parameters;
        read(algorithm, pss_shape, &parameters);
        const unsigned hash = identify(parameters.hash);
        if (hash > sha2 && hash < unknown) arc += hash - sha2;
        kind = SignatureKind::rsa_pss;
    }
    if (arc > 10 && arc < 14) { // with SHA-256, 384 and 512
        out.signature = kind;
        out.hash = hash_after(HashKind::sha256, arc - 11);
    } else if (arc > 1 && arc < 11) {
        out.signature = SignatureKind::weak_hash; // MD2, MD4, MD5, SHA-1
        if (arc == 5) out.hash = HashKind::sha1;
    }
}
#endif

// RFC 3279, 2.2 and RFC 5758, 3.2. `algorithm`: the contents of the AlgorithmIdentifier, which
// begins with `oid`.
void read_signature_kind(const Bytes& oid, const Bytes& algorithm, Certificate& out) {
    const unsigned kind = identify(oid);
    if (kind == (ecdsa | 1)) {
        out.signature = SignatureKind::weak_hash;
        out.hash = HashKind::sha1;
    } else if (kind > (ecdsa_sha2 | 1) && kind < (ecdsa_sha2 | 5)) { // with SHA-256, 384 and 512
        out.signature = SignatureKind::ecdsa;
        out.hash = hash_after(HashKind::sha256, kind - (ecdsa_sha2 | 2));
    }
#if USSL_RSA
    if (kind > pkcs1 && kind < sha2) read_rsa_signature(kind - pkcs1, algorithm, out);
#else
    static_cast<void>(algorithm);
#endif
}

// --- Validity ---

// Days of the proleptic Gregorian calendar before this month, which counts from 0 and may be the
// one after the last. Years are counted from March, so that the leap day is the last of its year.
unsigned days_before(unsigned year, unsigned month) {
    if (month < 2) {
        --year;
        month += 12;
    }
    return year * 365 + year / 4 - year / 100 + year / 400 + ((month - 2) * 153 + 2) / 5;
}

// RFC 5280, 4.1.2.5: UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ. `element`: with tag
// and length.
bool read_time(const Bytes& element, UnixTime& time) {
    enum { century, year, month, day, hour, minute, second, pairs };
    static constexpr std::uint8_t least[pairs] = {0, 0, 1, 1, 0, 0, 0};
    static constexpr std::uint8_t range[pairs] = {99, 99, 11, 30, 23, 59, 59};
    unsigned at[pairs]; // from 0 on
    const bool utc = element[0] == utc_time;
    unsigned pair = utc ? year : century;
    if ((!utc && element[0] != generalized_time) || element.size() != 2 + 2 * (pairs - pair) + 1 ||
        element.back() != 'Z')
        return false;
    for (const std::uint8_t* digit = &element[2]; pair < pairs; ++pair) {
        const unsigned high = *digit++ - unsigned{'0'}, low = *digit++ - unsigned{'0'};
        at[pair] = high * 10 + low - least[pair];
        if (high > 9 || low > 9 || at[pair] > range[pair]) return false;
    }
    if (utc) at[century] = at[year] < 50 ? 20 : 19;
    const unsigned y = 400 + at[century] * 100 + at[year]; // so that no year is negative
    const unsigned days = days_before(y, at[month]) + at[day];
    if (days >= days_before(y, at[month] + 1)) return false;
    constexpr int epoch = 719468 + 146097; // 1970-01-01
    time = (static_cast<int>(days) - epoch) * UnixTime{86400} +
           ((at[hour] * 60 + at[minute]) * 60 + at[second]);
    return true;
}

// --- Extensions ---

// A BOOLEAN DEFAULT FALSE. True is 255 (X.690, 11.1); libraries accept any value but 0.
bool is_true(const Bytes& value) { return !value.empty() && value[0] != 0; }

// Not Actions: the steps that follow describe the extension with this last arc. is_formal: only its
// form is checked, as libraries read it and every backend must refuse a malformed one.
constexpr std::uint8_t is_extension = 0xff, is_formal = 0xfe, is_formal_private = 0xfd;
constexpr Step known_extensions[] = {
    {15, is_extension},
    {bit_string, store, offsetof(Reading, key_usage)},
    {0, leave},
    {17, is_extension},
    {sequence, store, offsetof(Reading, certificate.subject_alt_name)},
    {0, leave},
    {19, is_extension},
    {sequence, enter},
    {boolean, optional | octet | store, offsetof(Reading, is_ca)},
    {integer, optional | store, offsetof(Reading, path_length)},
    {0, leave},
    {0, leave},
    {30, is_extension},
    {sequence, enter | store, offsetof(Reading, certificate.name_constraints)},
    {0, any_tag}, // not empty
    {0, leave_rest},
    {0, leave},
    {37, is_extension},
    {sequence, store, offsetof(Reading, extended_key_usage)},
    {0, leave},
    {14, is_formal}, // subjectKeyIdentifier
    {octet_string, check},
    {0, leave},
    {31, is_formal}, // cRLDistributionPoints
    {sequence, enter},
    {sequence, enter},
    {context_constructed(0), optional},
    {context_primitive(1), optional},
    {context_constructed(2), optional},
    {0, again},
    {0, leave},
    {0, leave},
    {35, is_formal}, // authorityKeyIdentifier
    {sequence, enter},
    {context_primitive(0), optional},
    {context_constructed(1), optional},
    {context_primitive(2), optional},
    {0, leave},
    {0, leave},
    {1, is_formal_private}, // authorityInfoAccess
    {sequence, enter},
    {sequence, enter},
    {object_identifier, check},
    {0, any_tag},
    {0, again},
    {0, leave},
    {0, leave},
};
constexpr bool are_whole(const Step* step, const Step* end) {
    while (step != nullptr && step != end)
        step = end_of_shape(step + 1, end);
    return step == end;
}
static_assert(are_whole(known_extensions, std::end(known_extensions)));

struct Extension {
    Bytes id, critical, value;
};
constexpr Step extension_shape[] = {
    {object_identifier, store, offsetof(Extension, id)},
    {boolean, optional | octet | store, offsetof(Extension, critical)},
    {octet_string, store, offsetof(Extension, value)},
    {0, leave},
};

// Whether one of `extensions`, which are readable, starts with this OID, including tag and length.
bool contain(const Bytes& extensions, const Bytes& oid) {
    for (Row row(extensions); !row.at_end();) {
        row.take();
        const std::size_t size = oid.size(); // the last byte differs most often
        if (row.value.size() > size && row.value[size - 1] == oid[size - 1] &&
            equal(row.value.first(size), oid))
            return true;
    }
    return false;
}

bool read_extension(const Extension& extension, Reading& into) {
    const unsigned id = identify(extension.id);
    for (const Step& step : known_extensions) {
        if (step.action < is_formal_private ||
            id != (step.action == is_formal_private ? step.tag | private_extension : step.tag))
            continue;
        if (!read(extension.value, Shape(&step + 1), &into)) return false;
        if (step.action == is_extension) return true;
    }
    if (is_true(extension.critical)) into.certificate.has_unknown_critical = true;
    return true;
}

// More extensions than any real certificate has; limits the search for repeated ones.
constexpr unsigned max_extensions = 64;

bool collect_extensions(Reading& into) {
    const Bytes& all = into.extensions;
    Row row(all);
    for (unsigned count = 0; !row.at_end(); ++count) {
        const Bytes before(all.data(), row.rest.data());
        Extension extension{};
        if (count == max_extensions || !row.take(sequence) ||
            !read(row.value, extension_shape, &extension) ||
            contain(before, {row.value.data(), extension.id.data() + extension.id.size()}) ||
            !read_extension(extension, into))
            return false;
    }
    return true;
}

// Check all names now: a search may stop before it reaches a malformed one.
bool are_names(const Bytes& names) {
    for (Row row(names); !row.at_end();)
        if ((row.take() & 0xc0) != 0x80) return false; // GeneralName is all [n]
    return true;
}

// Absent: no limit.
bool read_path_length(const Bytes& limit, std::uint32_t& out) {
    std::uint32_t number = UINT32_MAX;
    if (is_present(limit)) {
        if (limit.size() - 1 > 2 || limit[0] > 0x7f) return false; // from 0 to 2^23 - 1
        number = 0;
        for (const std::uint8_t byte : limit)
            number = number << 8 | byte;
    }
    out = number;
    return true;
}

// Absent: any.
bool read_extended_key_usage(const Bytes& purposes, std::uint8_t& out) {
    unsigned usage = is_present(purposes) ? 0 : any_extended_key_usage;
    for (Row row(purposes); !row.at_end();) {
        if (!row.take(object_identifier)) return false;
        const unsigned id = identify(row.value);
        // id-kp-serverAuth is 1, id-kp-clientAuth is 2: the same numbers as the bits.
        if (id == (key_purpose | 1) || id == (key_purpose | 2)) usage |= id;
        if (id == any_extended_purpose) usage = any_extended_key_usage;
    }
    out = static_cast<std::uint8_t>(usage);
    return true;
}

[[gnu::noinline]] bool read_extensions(Reading& from) {
    if (!collect_extensions(from)) return false;
    Certificate& out = from.certificate;
    out.is_ca = is_true(from.is_ca);
    // RFC 5280, 4.2.1.10: only in a CA's certificate.
    if (!out.is_ca && !out.name_constraints.empty()) return false;
    out.key_usage = any_key_usage;
    if (is_present(from.key_usage)) {
        if (from.key_usage.size() - 2 > 1) return false; // the count of unused bits first
        out.key_usage = from.key_usage[1];
    }
    return are_names(out.subject_alt_name) && read_path_length(from.path_length, out.path_length) &&
           read_extended_key_usage(from.extended_key_usage, out.extended_key_usage);
}

// --- Public keys ---

struct KeyInfo {
    Bytes algorithm, curve, key;
};
constexpr Step key_info_shape[] = {
    {sequence, enter},
    {sequence, enter},
    {object_identifier, store, offsetof(KeyInfo, algorithm)},
    {object_identifier, optional | store, offsetof(KeyInfo, curve)},
    {sequence, optional | store_whole, offsetof(KeyInfo, curve)}, // its numbers: known to nobody
    {0, leave_rest},
    {bit_string, bytes | store, offsetof(KeyInfo, key)},
    {0, leave},
    {0, leave},
};

#if USSL_RSA
constexpr Step rsa_key_shape[] = {
    {sequence, enter},
    {integer, store, offsetof(PublicKey, modulus)},
    {integer, store, offsetof(PublicKey, exponent)},
    {0, leave},
    {0, leave},
};

// An INTEGER (X.690, 8.3), positive and odd, as both numbers of a key are (RFC 8017, 3.1).
bool is_odd(Bytes number) {
    return !number.empty() && (number.front() & 0x80) == 0 && (number.back() & 1) != 0;
}
#endif

} // namespace

// RFC 5280, 4.1.2.7 and RFC 3279, 2.3.
bool parse_public_key(const Bytes& info, PublicKey& out) {
    out = PublicKey{};
    KeyInfo info_;
    if (!read(info, key_info_shape, &info_) || info_.key.empty()) return false;
    const Bytes& key = info_.key;
    const unsigned kind = identify(info_.algorithm);
#if USSL_RSA
    if (kind == (pkcs1 | 1)) {
        out.kind = KeyKind::rsa;
        return read(key, rsa_key_shape, &out) && is_odd(out.modulus) && is_odd(out.exponent) &&
               !(out.exponent.size() == 1 && out.exponent[0] == 1);
    }
#endif
    // RFC 5480, 2.2: the uncompressed form is mandatory, the other is optional.
    if (kind != (ec_key_type | 1) || key[0] != 4) return true;
    out.point = key;
    std::size_t field = 0; // in bytes
    switch (identify(info_.curve)) {
    case prime_curve | 7: out.kind = KeyKind::ec_p256, field = 32; break;
#if USSL_P384
    case certicom_curve | 34: out.kind = KeyKind::ec_p384, field = 48; break;
    case certicom_curve | 35: out.kind = KeyKind::ec_p521, field = 66; break;
#endif
    default: return is_present(info_.curve);
    }
    return key.size() == 1 + 2 * field;
}

std::uint16_t key_bits(const PublicKey& key) {
    if (!key.point.empty()) return static_cast<std::uint16_t>((key.point.size() - 1) * 4);
    if (!features::rsa) return 0;
    Bytes number = key.modulus;
    while (!number.empty() && number.front() == 0)
        number = number.subspan(1);
    if (number.empty()) return 0;
    if (number.size() > 8191) return UINT16_MAX;
    unsigned bits = static_cast<unsigned>(number.size()) * 8;
    for (unsigned top = number.front(); (top & 0x80) == 0; top <<= 1)
        --bits;
    return static_cast<std::uint16_t>(bits);
}

// --- Certificates ---

namespace {

// RFC 5280, 4.1.
constexpr Step certificate_shape[] = {
    {sequence, enter},
    {sequence, enter | store_whole, offsetof(Reading, certificate.to_be_signed)},
    {context_constructed(0), enter | optional},
    {integer, octet | store, offsetof(Reading, version)},
    {0, leave},
    {integer, check}, // serialNumber
    {sequence, store, offsetof(Reading, signed_algorithm)},
    {sequence, enter | store_whole, offsetof(Reading, certificate.issuer)},
    {set, check}, // an issuer has a name
    {0, leave_rest},
    {sequence, enter},
    {0, any_tag | store_whole, offsetof(Reading, not_before)},
    {0, any_tag | store_whole, offsetof(Reading, not_after)},
    {0, leave},
    {0, any_tag | store_whole, offsetof(Reading, certificate.subject)},
    {0, any_tag | store_whole, offsetof(Reading, certificate.subject_public_key)},
    {context_primitive(1), optional}, // issuerUniqueID
    {context_primitive(2), optional}, // subjectUniqueID
    {context_constructed(3), enter | optional},
    {sequence, store, offsetof(Reading, extensions)},
    {0, leave},
    {0, leave},
    {sequence, enter | store, offsetof(Reading, algorithm)},
    {object_identifier, store, offsetof(Reading, algorithm_oid)},
    {0, leave_rest},
    {bit_string, bytes | store, offsetof(Reading, certificate.signature_value)},
    {0, leave},
    {0, leave},
};

// Only up to the subject: there may be many anchors to search.
constexpr Step subject_shape[] = {
    {sequence, enter},
    {sequence, enter},
    {context_constructed(0), optional},
    {integer, check},
    {sequence, check},
    {0, any_tag}, // issuer
    {sequence, check},
    {0, any_tag | store_whole},
    {0, leave_rest},
    {0, leave_rest},
    {0, leave_rest},
};

bool is_version_known(const Reading& from) {
    constexpr unsigned v3 = 2;
    const unsigned version = from.version.empty() ? 0 : from.version[0];
    return version == v3 || (version < v3 && !is_present(from.extensions));
}

} // namespace

bool parse(const Bytes& der, Certificate& out) {
    Reading from{};
    if (!read(der, certificate_shape, &from)) return false;
    Certificate& certificate = from.certificate;
    read_signature_kind(from.algorithm_oid, from.algorithm, certificate);
    PublicKey key;
    // RFC 5280, 4.1.1.2: the signed and the unsigned field of the algorithm must agree.
    if (!is_version_known(from) || !equal(from.signed_algorithm, from.algorithm) ||
        !read_time(from.not_before, certificate.not_before) ||
        !read_time(from.not_after, certificate.not_after) || !read_extensions(from) ||
        !parse_public_key(certificate.subject_public_key, key))
        return false;
    certificate.key = key.kind;
    certificate.key_bits = key_bits(key);
    out = certificate;
    return true;
}

Bytes subject_of(const Bytes& der) {
    Bytes subject;
    read(der, subject_shape, &subject);
    return subject;
}

Bytes subject_public_key_of(const Bytes& der) {
    Reading from{};
    read(der, certificate_shape, &from);
    return from.certificate.subject_public_key;
}

Bytes readable_public_key_of(const Bytes& der) {
#if USSL_VERIFICATION
    Certificate certificate{};
    return parse(der, certificate) ? certificate.subject_public_key : Bytes{};
#else
    return subject_public_key_of(der);
#endif
}

namespace {

struct Numbers {
    Bytes r, s;
};

// RFC 3279, 2.2.3.
constexpr Step ecdsa_shape[] = {
    {sequence, enter},
    {integer, store, offsetof(Numbers, r)},
    {integer, store, offsetof(Numbers, s)},
    {0, leave},
    {0, leave},
};

// A zero precedes a high bit, and only that.
bool is_positive(Bytes number, std::size_t largest_size) {
    const bool padded = !number.empty() && number[0] == 0;
    if (padded) number = number.subspan(1);
    return !number.empty() && number.size() <= largest_size && number[0] != 0 &&
           (number[0] > 0x7f) == padded;
}

} // namespace

bool is_ecdsa_signature(const Bytes& signature, std::size_t order_size) {
    Numbers numbers;
    return read(signature, ecdsa_shape, &numbers) && is_positive(numbers.r, order_size) &&
           is_positive(numbers.s, order_size);
}

bool is_encoded_for(const Certificate& key, const Bytes& signature) {
    const std::size_t size = (key.key_bits + 7u) / 8;
    return features::rsa && key.key == KeyKind::rsa ? signature.size() == size
                                                    : is_ecdsa_signature(signature, size);
}

bool is_der_sequence(const Bytes& der) {
    Row row(der);
    return row.take(sequence) && row.at_end();
}

} // namespace ussl::x509
