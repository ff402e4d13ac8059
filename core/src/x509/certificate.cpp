#include "ussl/x509/certificate.hpp"

#include "ussl/features.hpp"
#include "ussl/x509/der.hpp"

namespace ussl::x509 {
namespace {

using der::Reader;

// The beginnings of object identifiers, contents only, with their length in front: a view of each
// would be two more words at every call.
constexpr std::uint8_t oid_pkcs1[] = {8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1};
constexpr std::uint8_t oid_ec_key_type[] = {6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2};
constexpr std::uint8_t oid_prime_curve[] = {7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1};
constexpr std::uint8_t oid_certicom_curve[] = {4, 0x2b, 0x81, 0x04, 0};
constexpr std::uint8_t oid_ecdsa[] = {6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4};
constexpr std::uint8_t oid_ecdsa_sha2[] = {7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3};
constexpr std::uint8_t oid_sha2[] = {8, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2};
constexpr std::uint8_t oid_extension[] = {2, 0x55, 0x1d};               // id-ce
constexpr std::uint8_t oid_key_purpose[] = {7, 0x2b, 6, 1, 5, 5, 7, 3}; // id-kp
constexpr std::uint8_t oid_any_key_purpose[] = {0x55, 0x1d, 0x25, 0};   // whole

// The last arc of an OID that is `beginning` and one byte; 0 for any other.
unsigned arc_after(const Bytes& oid, const std::uint8_t* beginning) {
    const std::size_t size = *beginning;
    return oid.size() == size + 1 && equal(oid.first(size), {beginning + 1, size}) ? oid.back() : 0;
}

// `arc` counts in the order of HashKind from `sha256` on, with sha224 behind (RFC 8017, A.2.4) or
// not.
constexpr HashKind hashes_sha2[] = {HashKind::other, HashKind::sha256, HashKind::sha384,
                                    HashKind::sha512, HashKind::sha224};
constexpr HashKind hashes_ecdsa[] = {HashKind::other, HashKind::sha224, HashKind::sha256,
                                     HashKind::sha384, HashKind::sha512};

// RFC 3279, 2.2 and RFC 5758, 3.2; RFC 8017, A.2.
void parse_signature_kind(Bytes signature_algorithm, Certificate& out, Reader& tbs) {
    Reader algorithm(signature_algorithm);
    const Bytes oid = algorithm.expect(der::object_identifier);
    // What RSA signed is of a kind that a build without it does not know.
    unsigned pkcs1 = USSL_RSA != 0 ? arc_after(oid, oid_pkcs1) : 0;
    const unsigned ecdsa = arc_after(oid, oid_ecdsa_sha2);
    if (algorithm.bad()) tbs.fail();
    if (pkcs1 == 10) {
        // RSASSA-PSS names its hash in the parameters; left out, it is SHA-1 (RFC 8017, A.2.3).
        Reader hash(algorithm.enter(der::sequence).optional(der::context_constructed(0)));
        pkcs1 = arc_after(hash.enter(der::sequence).expect(der::object_identifier), oid_sha2) + 10;
        out.signature = SignatureKind::rsa_pss;
    } else if (pkcs1 > 10) {
        out.signature = SignatureKind::rsa_pkcs1;
    }
    if (pkcs1 > 10 && pkcs1 < 15) {
        out.hash = hashes_sha2[pkcs1 - 10];
    } else if (ecdsa != 0 && ecdsa < 5) {
        out.signature = SignatureKind::ecdsa;
        out.hash = hashes_ecdsa[ecdsa];
    } else if ((pkcs1 > 1 && pkcs1 < 11) || arc_after(oid, oid_ecdsa) == 1) {
        out.signature = SignatureKind::weak_hash; // MD2, MD4, MD5, SHA-1
        if (pkcs1 == 0 || pkcs1 == 5) out.hash = HashKind::sha1;
    } else {
        out.signature = SignatureKind::other;
    }
}

// RFC 5280, 4.1.2.5: UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ.
UnixTime parse_time(Reader& reader) {
    enum { century, year, month, day, hour, minute, second, pairs };
    const der::Element element = reader.next();
    const bool utc = element.tag == der::utc_time;
    static constexpr std::uint8_t least[pairs] = {0, 0, 1, 1, 0, 0, 0};
    static constexpr std::uint8_t most[pairs] = {99, 99, 12, 31, 23, 59, 59};
    unsigned at[pairs] = {};
    bool good = (utc || element.tag == der::generalized_time) &&
                element.value.size() == (utc ? 13u : 15u) && element.value.back() == 'Z';
    const std::uint8_t* digit = element.value.data();
    for (unsigned pair = utc ? year : century; good && pair < pairs; ++pair) {
        const unsigned high = *digit++ - unsigned{'0'}, low = *digit++ - unsigned{'0'};
        at[pair] = high * 10 + low;
        good = high <= 9 && low <= 9 && at[pair] >= least[pair] && at[pair] <= most[pair];
    }
    if (utc) at[century] = at[year] < 50 ? 20 : 19;
    const bool leap_year = (at[year] != 0 ? at[year] : at[century]) % 4 == 0;
    const unsigned days_in_month =
        at[month] == 2 ? 28 + leap_year
                       : 30 + ((at[month] ^ at[month] >> 3) & 1); // 31 but in 4, 6, 9, 11
    if (!good || at[day] > days_in_month) {
        reader.fail();
        return 0;
    }
    // Days of the proleptic Gregorian calendar, years counted from March so that the leap day is
    // the last of its year, from 400 years before its first one to 1970-01-01.
    constexpr int epoch = 719468 + 146097;
    const unsigned before_march = at[month] < 3;
    const unsigned y = 400 + at[century] * 100 + at[year] - before_march;
    const unsigned m = at[month] + 12 * before_march - 3, c = y / 100;
    const unsigned days = y * 365 + y / 4 - c + c / 4 + (m * 153 + 2) / 5 + at[day] - 1;
    return (static_cast<int>(days) - epoch) * UnixTime{86400} +
           ((at[hour] * 60 + at[minute]) * 60 + at[second]);
}

void parse_basic_constraints(Reader& value, Certificate& out) {
    Reader fields = value.enter(der::sequence);
    out.is_ca = fields.flag();
    if (!fields.at_end()) out.path_length = fields.number();
    fields.finish();
}

void parse_key_usage(Reader& value, Certificate& out) {
    const Bytes bits = value.expect(der::bit_string); // the count of unused bits first
    if (bits.size() < 2 || bits.size() > 3) return value.fail();
    unsigned usage = 0;
    for (unsigned bit = 0; bit < 8; ++bit)
        if ((bits[1] & (0x80u >> bit)) != 0) usage |= 1u << bit;
    out.key_usage = static_cast<std::uint16_t>(usage);
}

void parse_extended_key_usage(Reader& value, Certificate& out) {
    Reader purposes = value.enter(der::sequence);
    unsigned usage = 0;
    while (!purposes.at_end()) {
        const Bytes oid = purposes.expect(der::object_identifier);
        // id-kp-serverAuth is 1, id-kp-clientAuth is 2: the bits are named by the same numbers.
        const unsigned arc = arc_after(oid, oid_key_purpose);
        if (arc == 1 || arc == 2) usage |= arc;
        if (equal(oid, oid_any_key_purpose)) usage = any_extended_key_usage;
    }
    out.extended_key_usage = static_cast<std::uint8_t>(usage);
}

// A name that is not read fails here and not in the search, where it may never be come upon.
void parse_subject_alt_name(Reader& value, Certificate& out) {
    out.subject_alt_name = value.expect(der::sequence);
    Reader names(out.subject_alt_name);
    while (!names.at_end())
        if ((names.next().tag & 0xc0) != 0x80) names.fail(); // GeneralName is all [n]
    if (names.bad()) value.fail();
}

// More extensions than any real certificate has: bounds the search for repeated ones.
constexpr unsigned max_extensions = 64;

// Whether an extension with this OID stands in `extensions`.
bool contains(Bytes extensions, Bytes oid) {
    Reader reader(extensions);
    while (!reader.at_end())
        if (equal(reader.enter(der::sequence).expect(der::object_identifier), oid)) return true;
    return false;
}

void parse_extensions(Bytes extensions, Certificate& out, Reader& tbs) {
    Reader reader(extensions);
    for (unsigned count = 0; !reader.at_end(); ++count) {
        const der::Element whole = reader.next();
        const Bytes before =
            extensions.first(static_cast<std::size_t>(whole.whole.data() - extensions.data()));
        Reader extension(whole.value);
        const Bytes oid = extension.expect(der::object_identifier);
        const bool critical = extension.flag();
        Reader value = extension.enter(der::octet_string);
        extension.finish();
        if (whole.tag != der::sequence || count == max_extensions || contains(before, oid))
            extension.fail();
        switch (arc_after(oid, oid_extension)) {
        case 15: parse_key_usage(value, out); break;
        case 17: parse_subject_alt_name(value, out); break;
        case 19: parse_basic_constraints(value, out); break;
        case 30:
            out.has_name_constraints = true;
            out.name_constraints = value.expect(der::sequence);
            break;
        case 37: parse_extended_key_usage(value, out); break;
        default: out.has_unknown_critical = out.has_unknown_critical || critical; value.skip_rest();
        }
        value.finish();
        if (extension.bad()) return tbs.fail();
    }
    if (reader.bad()) tbs.fail();
}

} // namespace

Certificate::Certificate() = default;

// RFC 5280, 4.1.2.7 and RFC 3279, 2.3.
bool parse_public_key(Bytes info, PublicKey& out) {
    out = PublicKey{};
    Reader file(info);
    Reader reader = file.enter(der::sequence);
    file.finish();
    Reader algorithm = reader.enter(der::sequence);
    const Bytes oid = algorithm.expect(der::object_identifier);
    const Bytes bits = reader.expect(der::bit_string);
    reader.finish();
    if (bits.size() < 2 || bits[0] != 0) return false; // no unused bits
    const Bytes key = bits.subspan(1);
    if (USSL_RSA != 0 && arc_after(oid, oid_pkcs1) == 1) {
        Reader string(key);
        Reader numbers = string.enter(der::sequence);
        string.finish();
        out.kind = KeyKind::rsa;
        out.modulus = numbers.expect(der::integer);
        out.exponent = numbers.expect(der::integer);
        numbers.finish();
        return !file.bad() && !string.bad();
    }
    // RFC 5480, 2.2: all support the uncompressed form; nobody need support the other.
    if (arc_after(oid, oid_ec_key_type) == 1 && key[0] == 4) {
        const Bytes curve = algorithm.expect(der::object_identifier);
        const unsigned certicom = USSL_P384 != 0 ? arc_after(curve, oid_certicom_curve) : 0;
        std::size_t field = 0; // in bytes
        if (arc_after(curve, oid_prime_curve) == 7) out.kind = KeyKind::ec_p256, field = 32;
        if (certicom == 34) out.kind = KeyKind::ec_p384, field = 48;
        if (certicom == 35) out.kind = KeyKind::ec_p521, field = 66;
        out.point = key;
        if (field != 0 && key.size() != 1 + 2 * field) return false;
    }
    return !file.bad();
}

std::uint16_t key_bits(const PublicKey& key) {
    if (!key.point.empty()) return static_cast<std::uint16_t>((key.point.size() - 1) * 4);
    if (USSL_RSA == 0) return 0;
    Bytes number = key.modulus;
    while (!number.empty() && number.front() == 0)
        number = number.subspan(1);
    if (number.empty() || number.size() > 8191) return 0;
    unsigned bits = static_cast<unsigned>(number.size()) * 8;
    for (unsigned top = number.front(); (top & 0x80) == 0; top <<= 1)
        --bits;
    return static_cast<std::uint16_t>(bits);
}

bool parse(Bytes der, Certificate& out) {
    out = Certificate{};
    Reader file(der);
    Reader certificate = file.enter(der::sequence);
    file.finish();
    const der::Element signed_part = certificate.next();
    out.to_be_signed = signed_part.whole;
    const Bytes signature_algorithm = certificate.expect(der::sequence);
    const Bytes bits = certificate.expect(der::bit_string);
    certificate.finish();
    if (signed_part.tag != der::sequence || bits.empty() || bits[0] != 0) return false;
    out.signature_value = bits.subspan(1);
    Reader tbs(signed_part.value);

    constexpr unsigned v3 = 2;
    unsigned version = 0;
    if (tbs.peek() == der::context_constructed(0)) {
        Reader field = tbs.enter(der::context_constructed(0));
        version = field.number();
        field.finish();
    }
    tbs.expect(der::integer); // serialNumber
    // RFC 5280, 4.1.1.2: the signed and the unsigned field must agree.
    if (!equal(tbs.expect(der::sequence), signature_algorithm)) tbs.fail();
    parse_signature_kind(signature_algorithm, out, tbs);
    out.issuer = tbs.next().whole;
    Reader validity = tbs.enter(der::sequence);
    out.not_before = parse_time(validity);
    out.not_after = parse_time(validity);
    validity.finish();
    out.subject = tbs.next().whole;
    out.subject_public_key = tbs.next().whole;
    tbs.optional(der::context_primitive(1)); // issuerUniqueID
    tbs.optional(der::context_primitive(2)); // subjectUniqueID
    if (version == v3 && tbs.peek() == der::context_constructed(3)) {
        Reader field = tbs.enter(der::context_constructed(3));
        parse_extensions(field.expect(der::sequence), out, tbs);
        field.finish();
    }
    tbs.finish();
    PublicKey key;
    if (!parse_public_key(out.subject_public_key, key)) return false;
    out.key = key.kind;
    out.key_bits = key_bits(key);
    return version <= v3 && !tbs.bad() && !file.bad();
}

namespace {

// Of a TBSCertificate, behind the version: 0 is its serialNumber.
Bytes field_of(Bytes der, unsigned index) {
    Reader file(der);
    Reader certificate = file.enter(der::sequence);
    Reader tbs = certificate.enter(der::sequence);
    tbs.optional(der::context_constructed(0)); // version
    for (; index != 0; --index)
        tbs.next();
    return tbs.next().whole;
}

} // namespace

Bytes subject_of(Bytes der) { return field_of(der, 4); }
Bytes subject_public_key_of(Bytes der) { return field_of(der, 5); }

bool is_der_sequence(Bytes der) {
    Reader reader(der);
    reader.expect(der::sequence);
    reader.finish();
    return !reader.bad();
}

} // namespace ussl::x509
