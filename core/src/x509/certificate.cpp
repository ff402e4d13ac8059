#include "ussl/x509/certificate.hpp"

#include "ussl/x509/der.hpp"

namespace ussl::x509 {
namespace {

using der::Reader;

// Object identifiers, contents only.
constexpr std::uint8_t oid_rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
constexpr std::uint8_t oid_ec_public_key[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1};
constexpr std::uint8_t oid_secp256r1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
constexpr std::uint8_t oid_secp_prefix[] = {0x2b, 0x81, 0x04, 0}; // 34: P-384, 35: P-521
constexpr std::uint8_t oid_pkcs1_prefix[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1};
constexpr std::uint8_t oid_ecdsa_prefix[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 4};
constexpr std::uint8_t oid_extension_prefix[] = {0x55, 0x1d};               // id-ce
constexpr std::uint8_t oid_key_purpose_prefix[] = {0x2b, 6, 1, 5, 5, 7, 3}; // id-kp
constexpr std::uint8_t oid_any_key_purpose[] = {0x55, 0x1d, 0x25, 0};

bool starts_with(Bytes oid, Bytes prefix) {
    return oid.size() >= prefix.size() && equal(oid.first(prefix.size()), prefix);
}

// The last arc of an OID that is `prefix` and one byte; 0 for any other.
std::uint8_t arc_after(Bytes oid, Bytes prefix) {
    return oid.size() == prefix.size() + 1 && starts_with(oid, prefix) ? oid.back()
                                                                       : std::uint8_t{0};
}

// RFC 3279, 2.2 and RFC 5758, 3.2; RFC 8017, A.2.
SignatureKind signature_kind(Bytes oid) {
    switch (arc_after(oid, oid_pkcs1_prefix)) {
    case 2:                                  // md2
    case 3:                                  // md4
    case 4:                                  // md5
    case 5: return SignatureKind::weak_hash; // sha1
    case 10: return SignatureKind::rsa_pss;
    case 11:
    case 12:
    case 13: return SignatureKind::rsa_pkcs1;
    default: break;
    }
    if (arc_after(oid, oid_ecdsa_prefix) == 1) return SignatureKind::weak_hash; // ecdsa-with-SHA1
    if (starts_with(oid, oid_ecdsa_prefix)) return SignatureKind::ecdsa;
    return SignatureKind::other;
}

// Two digits at the front of `digits`, which loses them; sets `bad` where they are none.
unsigned two_digits(Bytes& digits, bool& bad) {
    const unsigned high = digits[0] - unsigned{'0'}, low = digits[1] - unsigned{'0'};
    bad = bad || high > 9 || low > 9;
    digits = digits.subspan(2);
    return high * 10 + low;
}

// RFC 5280, 4.1.2.5: UTCTime YYMMDDHHMMSSZ or GeneralizedTime YYYYMMDDHHMMSSZ.
UnixTime parse_time(Reader& reader) {
    const der::Element element = reader.next();
    Bytes digits = element.value;
    const bool utc = element.tag == der::utc_time;
    const std::size_t size = utc ? 13 : 15;
    if ((!utc && element.tag != der::generalized_time) || digits.size() != size ||
        digits[size - 1] != 'Z') {
        reader.fail();
        return 0;
    }
    bool bad = false;
    unsigned year = utc ? 0 : two_digits(digits, bad) * 100;
    year += two_digits(digits, bad);
    if (utc) year += year < 50 ? 2000 : 1900;
    const unsigned month = two_digits(digits, bad), day = two_digits(digits, bad);
    const unsigned hour = two_digits(digits, bad), minute = two_digits(digits, bad);
    const unsigned second = two_digits(digits, bad);
    if (bad || month - 1 > 11 || day - 1 > 30 || hour > 23 || minute > 59 || second > 59) {
        reader.fail();
        return 0;
    }
    // Days since 1970-01-01 of the proleptic Gregorian calendar, years counted from March so that
    // the leap day is the last of its year.
    const std::int32_t y = static_cast<std::int32_t>(year) - (month <= 2 ? 1 : 0);
    const std::int32_t month_from_march = static_cast<std::int32_t>((month + 9) % 12);
    const std::int32_t days = y * 365 + y / 4 - y / 100 + y / 400 +
                              (month_from_march * 153 + 2) / 5 + static_cast<std::int32_t>(day) -
                              1 - 719468;
    return static_cast<UnixTime>(days) * 86400 + static_cast<UnixTime>(hour) * 3600 + minute * 60 +
           second;
}

void parse_basic_constraints(Reader reader, Certificate& out, Reader& outer) {
    Reader fields(reader.expect(der::sequence));
    const Bytes ca = fields.optional(der::boolean);
    out.is_ca = ca.size() == 1 && ca[0] != 0;
    if (!fields.at_end()) {
        std::uint32_t length = 0;
        const Bytes number = fields.expect(der::integer);
        if (number.empty() || number.size() > 3 || (number[0] & 0x80) != 0)
            fields.fail();
        else
            for (const std::uint8_t byte : number)
                length = length << 8 | byte;
        out.path_length = length;
    }
    fields.finish();
    if (reader.bad() || fields.bad()) outer.fail();
}

void parse_key_usage(Reader reader, Certificate& out, Reader& outer) {
    const Bytes bits = reader.expect(der::bit_string);
    if (bits.size() < 2 || bits.size() > 3)
        outer.fail();
    else {
        unsigned usage = 0;
        for (unsigned bit = 0; bit < 8; ++bit)
            if ((bits[1] & (0x80u >> bit)) != 0) usage |= 1u << bit;
        out.key_usage = static_cast<std::uint16_t>(usage);
    }
}

void parse_extended_key_usage(Reader reader, Certificate& out, Reader& outer) {
    Reader purposes(reader.expect(der::sequence));
    std::uint8_t usage = 0;
    while (!purposes.at_end()) {
        const Bytes oid = purposes.expect(der::object_identifier);
        const std::uint8_t arc = arc_after(oid, oid_key_purpose_prefix);
        if (arc == 1)
            usage |= server_auth;
        else if (arc == 2)
            usage |= client_auth;
        else if (equal(oid, oid_any_key_purpose))
            usage = any_extended_key_usage;
    }
    out.extended_key_usage = usage;
    if (reader.bad() || purposes.bad()) outer.fail();
}

// Whether an extension with this OID stands in `extensions` a second time.
bool repeated(Bytes extensions, Bytes oid) {
    Reader reader(extensions);
    unsigned count = 0;
    while (!reader.at_end()) {
        Reader extension(reader.expect(der::sequence));
        if (equal(extension.expect(der::object_identifier), oid)) ++count;
    }
    return count > 1;
}

// More extensions than any real certificate has: bounds the search for repeated ones.
constexpr unsigned max_extensions = 64;

void parse_extensions(Bytes extensions, Certificate& out, Reader& outer) {
    Reader reader(extensions);
    unsigned count = 0;
    while (!reader.at_end()) {
        Reader extension(reader.expect(der::sequence));
        const Bytes oid = extension.expect(der::object_identifier);
        const Bytes critical = extension.optional(der::boolean);
        const Reader value(extension.expect(der::octet_string));
        extension.finish();
        if (extension.bad() || ++count > max_extensions || repeated(extensions, oid)) {
            reader.fail();
            break;
        }
        switch (arc_after(oid, oid_extension_prefix)) {
        case 15: parse_key_usage(value, out, reader); break;
        case 17: {
            Reader names(value);
            out.subject_alt_name = names.expect(der::sequence);
            if (names.bad()) reader.fail();
            break;
        }
        case 19: parse_basic_constraints(value, out, reader); break;
        case 30: out.has_name_constraints = true; break;
        case 37: parse_extended_key_usage(value, out, reader); break;
        default:
            if (critical.size() == 1 && critical[0] != 0) reader.fail();
        }
    }
    if (reader.bad()) outer.fail();
}

} // namespace

std::uint16_t bit_length(Bytes number) {
    while (!number.empty() && number.front() == 0)
        number = number.subspan(1);
    if (number.empty() || number.size() > 8191) return 0;
    unsigned bits = static_cast<unsigned>(number.size()) * 8;
    for (unsigned top = number.front(); (top & 0x80) == 0; top <<= 1)
        --bits;
    return static_cast<std::uint16_t>(bits);
}

// RFC 5280, 4.1.2.7 and RFC 3279, 2.3.
bool parse_public_key(Bytes info, PublicKey& out) {
    out = PublicKey{};
    Reader file(info);
    Reader reader(file.expect(der::sequence));
    file.finish();
    Reader algorithm(reader.expect(der::sequence));
    const Bytes oid = algorithm.expect(der::object_identifier);
    Bytes bits = reader.expect(der::bit_string);
    reader.finish();
    if (file.bad() || reader.bad() || algorithm.bad() || bits.empty() || bits[0] != 0) return false;
    bits = bits.subspan(1); // the count of unused bits
    if (equal(oid, oid_rsa_encryption)) {
        Reader string(bits);
        Reader key(string.expect(der::sequence));
        string.finish();
        out.kind = KeyKind::rsa;
        out.modulus = key.expect(der::integer);
        out.exponent = key.expect(der::integer);
        key.finish();
        return !string.bad() && !key.bad();
    }
    if (equal(oid, oid_ec_public_key)) {
        const Bytes curve = algorithm.expect(der::object_identifier);
        const std::uint8_t arc = arc_after(curve, oid_secp_prefix);
        if (equal(curve, oid_secp256r1))
            out.kind = KeyKind::ec_p256;
        else if (arc == 34)
            out.kind = KeyKind::ec_p384;
        else if (arc == 35)
            out.kind = KeyKind::ec_p521;
        out.point = bits;
    }
    return !algorithm.bad();
}

bool parse(Bytes der, Certificate& out) {
    out = Certificate{};
    Reader file(der);
    Reader certificate(file.expect(der::sequence));
    file.finish();
    Reader tbs(certificate.expect(der::sequence));
    Reader outer_algorithm(certificate.expect(der::sequence));
    certificate.expect(der::bit_string);
    certificate.finish();

    tbs.optional(der::context_constructed(0)); // version
    tbs.expect(der::integer);                  // serialNumber
    Reader algorithm(tbs.expect(der::sequence));
    const Bytes signature = algorithm.expect(der::object_identifier);
    out.signature = signature_kind(signature);
    // RFC 5280, 4.1.1.2: the signed and the unsigned field must agree.
    if (!equal(signature, outer_algorithm.expect(der::object_identifier))) tbs.fail();
    out.issuer = tbs.next().whole;
    Reader validity(tbs.expect(der::sequence));
    out.not_before = parse_time(validity);
    out.not_after = parse_time(validity);
    validity.finish();
    out.subject = tbs.next().whole;
    out.subject_public_key = tbs.next().whole;
    PublicKey key;
    if (!parse_public_key(out.subject_public_key, key)) tbs.fail();
    out.key = key.kind;
    out.key_bits = bit_length(key.modulus);
    tbs.optional(der::context_primitive(1)); // issuerUniqueID
    tbs.optional(der::context_primitive(2)); // subjectUniqueID
    if (tbs.peek() == der::context_constructed(3)) {
        Reader wrapper(tbs.next().value);
        parse_extensions(wrapper.expect(der::sequence), out, tbs);
        wrapper.finish();
        if (wrapper.bad()) tbs.fail();
    }
    tbs.finish();
    return !(file.bad() || certificate.bad() || tbs.bad() || algorithm.bad() ||
             outer_algorithm.bad() || validity.bad());
}

bool is_der_sequence(Bytes der) {
    der::Reader reader(der);
    reader.expect(der::sequence);
    reader.finish();
    return !reader.bad();
}

} // namespace ussl::x509
