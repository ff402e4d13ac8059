#include "ussl/x509/private_key.hpp"

#include "ussl/x509/der_shape.hpp"

#include <cstddef>
#include <cstring>

namespace ussl::x509 {
namespace {

using namespace der;

bool is_present(const Bytes& element) { return element.data() != nullptr; }

// --- Reading ---

struct Reading {
    PrivateKey key;
    Bytes version, algorithm, contents;
    Bytes curve, inner_curve; // parameters, of the algorithm and of the key: with tag and length
    Bytes more_primes;
};

// RFC 5958, 2. Attributes are ignored.
constexpr Step pkcs8_shape[] = {
    {sequence, enter},
    {integer, octet | store, offsetof(Reading, version)},
    {sequence, enter},
    {object_identifier, store, offsetof(Reading, algorithm)},
    {null, optional | store_whole, offsetof(Reading, curve)}, // RSA's (RFC 8017, A.1)
    {object_identifier, optional | store_whole, offsetof(Reading, curve)},
    {sequence, optional | store_whole, offsetof(Reading, curve)},
    {0, leave},
    {octet_string, store, offsetof(Reading, contents)},
    {context_constructed(0), optional},
    {context_primitive(1), optional | bytes | store, offsetof(Reading, key.public_key_too)},
    {0, leave},
    {0, leave},
};

// RFC 5958, 3.
constexpr Step encrypted_shape[] = {
    {sequence, enter}, {sequence, check}, {octet_string, check}, {0, leave}, {0, leave},
};

// RFC 5915, 3.
constexpr Step sec1_shape[] = {
    {sequence, enter},
    {integer, octet | store, offsetof(Reading, version)},
    {octet_string, store, offsetof(Reading, key.scalar)},
    {context_constructed(0), optional | enter},
    {0, any_tag | store_whole, offsetof(Reading, inner_curve)},
    {0, leave},
    {context_constructed(1), optional | enter},
    {bit_string, bytes | store, offsetof(Reading, key.public_key)},
    {0, leave},
    {0, leave},
    {0, leave},
};

#if USSL_RSA
// RFC 8017, A.1.2.
constexpr Step pkcs1_shape[] = {
    {sequence, enter},
    {integer, octet | store, offsetof(Reading, version)},
    {integer, store, offsetof(Reading, key.modulus)},
    {integer, store, offsetof(Reading, key.public_exponent)},
    {integer, store, offsetof(Reading, key.private_exponent)},
    {integer, store, offsetof(Reading, key.prime1)},
    {integer, store, offsetof(Reading, key.prime2)},
    {integer, store, offsetof(Reading, key.exponent1)},
    {integer, store, offsetof(Reading, key.exponent2)},
    {integer, store, offsetof(Reading, key.coefficient)},
    {sequence, optional | store_whole, offsetof(Reading, more_primes)},
    {0, leave},
    {0, leave},
};
#endif

struct Curve {
    KeyKind kind;
    std::uint8_t id_size, size; // of the OID with tag and length, and of the order
    std::uint8_t id[10];
    std::uint8_t order[features::p384 ? 48 : 32]; // SEC 2, 2.4.2 and 2.5.1
};
constexpr Curve curves[] = {
    {KeyKind::ec_p256,
     10,
     32,
     {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7},
     {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
      0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51}},
#if USSL_P384
    {KeyKind::ec_p384,
     7,
     48,
     {6, 5, 0x2b, 0x81, 0x04, 0, 0x22},
     {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
      0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73}},
#endif
};

// Removes the padding with zeros that brings a number to a fixed size. false: not only zeros.
bool drop_front(Bytes& number, std::size_t size) {
    unsigned dropped = 0;
    for (; number.size() > size; number = number.subspan(1))
        dropped |= number.front();
    return dropped == 0;
}

Err finish_ec(Reading& from) {
    Bytes& curve = from.curve;
    if (is_present(curve) && is_present(from.inner_curve) && !equal(curve, from.inner_curve))
        return Err::bad_private_key;
    if (!is_present(curve)) curve = from.inner_curve;
    if (!is_present(curve) || from.version[0] != 1) return Err::bad_private_key;
    if (curve[0] == sequence) return Err::unsupported; // explicit parameters
    if (curve[0] != object_identifier) return Err::bad_private_key;
    for (const Curve& known : curves)
        if (equal(curve, {known.id, known.id_size})) {
            from.key.kind = known.kind;
            return drop_front(from.key.scalar, known.size) ? Err::none : Err::bad_private_key;
        }
    return Err::none;
}

#if USSL_RSA
// A non-negative INTEGER, without leading zeros.
bool to_number(Bytes& integer) {
    if (integer.empty() || integer.front() > 0x7f) return false;
    while (!integer.empty() && integer.front() == 0)
        integer = integer.subspan(1);
    return true;
}

Err finish_rsa(Reading& from) {
    const bool two_primes = from.version[0] == 0;
    if (from.version[0] > 1 || two_primes == is_present(from.more_primes))
        return Err::bad_private_key;
    if (!two_primes) return Err::unsupported;
    PrivateKey& key = from.key;
    key.kind = KeyKind::rsa;
    Bytes* const numbers[] = {&key.modulus,   &key.public_exponent, &key.private_exponent,
                              &key.prime1,    &key.prime2,          &key.exponent1,
                              &key.exponent2, &key.coefficient};
    for (Bytes* number : numbers)
        if (!to_number(*number)) return Err::bad_private_key;
    return Err::none;
}

Err read_rsa(const Bytes& der, Reading& into) {
    return read(der, pkcs1_shape, &into) ? finish_rsa(into) : Err::bad_private_key;
}
#else
Err read_rsa(const Bytes&, Reading&) { return Err::none; } // an unknown kind in this build
#endif

Err read_ec(const Bytes& der, Reading& into) {
    return read(der, sec1_shape, &into) ? finish_ec(into) : Err::bad_private_key;
}

Err read_pkcs8(const Bytes& der, Reading& into) {
    static constexpr std::uint8_t ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1};
    static constexpr std::uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
    if (!read(der, pkcs8_shape, &into) || into.version[0] > 1) return Err::bad_private_key;
    if (equal(into.algorithm, ec)) return read_ec(into.contents, into);
    if (!equal(into.algorithm, rsa)) return Err::none;
    return is_present(into.curve) && into.curve[0] != null ? Err::bad_private_key
                                                           : read_rsa(into.contents, into);
}

// Decides by the element behind the version, which differs in each form.
Err read_key(const Bytes& der, Reading& into) {
    Row file(der);
    if (!is_well_formed(der) || !file.take(sequence)) return Err::bad_private_key;
    Row key(file.value);
    if (!key.take(integer))
        return read(der, encrypted_shape, &into) ? Err::encrypted_private_key
                                                 : Err::bad_private_key;
    switch (key.take()) {
    case sequence: return read_pkcs8(der, into);
    case octet_string: return read_ec(der, into);
    case integer: return read_rsa(der, into);
    default: return Err::bad_private_key;
    }
}

} // namespace

Err parse_private_key(const Bytes& der, PrivateKey& out) {
    Reading from{};
    const Err error = read_key(der, from);
    out = from.key;
    return error;
}

// --- Checks ---

namespace {

// RFC 5480, 2.2: uncompressed, as in the certificate, or compressed.
bool is_point(const Bytes& given, const Bytes& point) {
    const std::size_t field = (point.size() - 1) / 2;
    return equal(given, point) ||
           (given.size() == 1 + field && given[0] == 2 + (point.back() & 1) &&
            equal(given.subspan(1), point.subspan(1, field)));
}

Err check_ec(const PrivateKey& key, const Bytes& point) {
    for (const Bytes& given : {key.public_key, key.public_key_too})
        if (is_present(given) && !is_point(given, point)) return Err::key_mismatch;
    if (key.kind == KeyKind::other) return Err::unsupported;
    return is_private_scalar(key.kind, key.scalar) ? Err::none : Err::bad_private_key;
}

#if USSL_RSA

// Arithmetic on secret numbers: the least significant word first; no branch or address depends on a
// value.
using Word = std::uint32_t;
constexpr std::size_t max_half = max_own_rsa_bits / 2 / 32; // words of a prime

// Opaque to the compiler, so that it does not replace a mask by a branch.
Word opaque(Word value) {
    asm("" : "+r"(value));
    return value;
}

Word word_of(const Bytes& number, std::size_t index) {
    Word word = 0;
    for (std::size_t i = 4 * index + 4; i-- != 4 * index;)
        word = word << 8 | (i < number.size() ? number[number.size() - 1 - i] : 0u);
    return word;
}

void load(Word* words, std::size_t count, const Bytes& number) {
    for (std::size_t i = 0; i < count; ++i)
        words[i] = word_of(number, i);
}

// Zero: equal.
Word difference(const Word* words, std::size_t count, const Bytes& number) {
    Word different = 0;
    for (std::size_t i = 0; i < count; ++i)
        different |= words[i] ^ word_of(number, i);
    return different;
}

struct PrimeCheck {
    std::size_t half; // words of a prime
    Word p[max_half], q[max_half], factor[max_half], rest[max_half], product[2 * max_half];

    // Into `product`.
    void multiply(const Word* a, const Word* b) {
        std::memset(product, 0, sizeof product);
        for (std::size_t i = 0; i < half; ++i) {
            std::uint64_t sum = 0;
            for (std::size_t k = 0; k < half; ++k) {
                sum = (sum >> 32) + std::uint64_t{a[i]} * b[k] + product[i + k];
                product[i + k] = static_cast<Word>(sum);
            }
            product[i + half] = static_cast<Word>(sum >> 32);
        }
    }

    // Computes `product` (of at most `bits` bits) mod `modulus` into `rest`, bit by bit.
    void reduce(std::size_t bits, const Word* modulus) {
        std::memset(rest, 0, sizeof rest);
        for (std::size_t bit = bits; bit-- != 0;) {
            Word carry = product[bit / 32] >> bit % 32 & 1;
            std::uint64_t left = 0;
            for (std::size_t i = 0; i < half; ++i) {
                const Word doubled = rest[i] << 1 | carry;
                carry = rest[i] >> 31;
                rest[i] = doubled;
                left = std::uint64_t{doubled} - modulus[i] - (left >> 63);
            }
            const Word is_less = opaque(static_cast<Word>(left >> 63));
            const Word mask = 0 - (carry | (is_less ^ 1));
            left = 0;
            for (std::size_t i = 0; i < half; ++i) {
                left = std::uint64_t{rest[i]} - (modulus[i] & mask) - (left >> 63);
                rest[i] = static_cast<Word>(left);
            }
        }
    }

    // Zero: `number` mod `modulus` is `expected`, and `expected` times `inverse` is 1.
    Word invert(const Bytes& number, const Bytes& expected, const Bytes& inverse,
                const Word* modulus) {
        static constexpr std::uint8_t one[] = {1};
        load(product, 2 * half, number);
        reduce(8 * number.size(), modulus);
        const Word different = difference(rest, half, expected);
        load(factor, half, inverse);
        multiply(factor, rest);
        reduce(8 * inverse.size() + 32 * half, modulus);
        return different | difference(rest, half, one);
    }

    // Zero: all numbers of the key belong together.
    Word check(const PrivateKey& key) {
        load(p, half, key.prime1);
        load(q, half, key.prime2);
        multiply(p, q);
        // Then both are odd, as the modulus is.
        Word wrong = difference(product, 2 * half, key.modulus) | (~product[0] & 1);
        p[0] ^= 1, q[0] ^= 1; // less one
        wrong |= invert(key.private_exponent, key.exponent1, key.public_exponent, p);
        wrong |= invert(key.private_exponent, key.exponent2, key.public_exponent, q);
        p[0] ^= 1;
        return wrong | invert(key.coefficient, key.coefficient, key.prime2, p);
    }
};

unsigned bits(const Bytes& number) {
    PublicKey key;
    key.modulus = number;
    return key_bits(key);
}

bool exceeds(const Bytes& number, unsigned most) {
    return number.size() > (most + 7) / 8 || bits(number) > most;
}

// `half`: words of a prime.
bool check_numbers(const PrivateKey& key, std::size_t half) {
    for (const Bytes& number : {key.exponent1, key.exponent2, key.coefficient})
        if (number.size() > 4 * half) return false;
    if (key.private_exponent.size() > key.modulus.size()) return false;
    PrimeCheck numbers;
    numbers.half = half;
    const Word wrong = numbers.check(key);
    wipe({reinterpret_cast<std::uint8_t*>(&numbers), sizeof numbers});
    return wrong == 0;
}

constexpr Step rsa_key_shape[] = {
    {sequence, enter},
    {integer, store, offsetof(PublicKey, modulus)},
    {integer, store, offsetof(PublicKey, exponent)},
    {0, leave},
    {0, leave},
};

bool is_public_key_of(const PrivateKey& key, PublicKey& other) {
    return to_number(other.modulus) && to_number(other.exponent) &&
           equal(key.modulus, other.modulus) && equal(key.public_exponent, other.exponent);
}

Err check_rsa(const PrivateKey& key, PublicKey& own) {
    if (!is_public_key_of(key, own)) return Err::key_mismatch;
    PublicKey too;
    if (is_present(key.public_key_too) &&
        !(read(key.public_key_too, rsa_key_shape, &too) && is_public_key_of(key, too)))
        return Err::key_mismatch;
    if (exceeds(key.modulus, max_own_rsa_bits)) return Err::unsupported;
    const unsigned size = bits(key.modulus), half = (size + 1) / 2;
    if (size < min_own_rsa_bits) return Err::weak_key;
    // FIPS 186-5, A.1.1. A library's code for the usual sizes signs wrongly with others.
    if (exceeds(key.prime1, half) || exceeds(key.prime2, half) ||
        exceeds(key.public_exponent, half))
        return Err::unsupported;
    // With an exponent of 1 the signature would equal the message.
    return bits(key.public_exponent) > 1 && check_numbers(key, (half + 31) / 32)
               ? Err::none
               : Err::bad_private_key;
}

#endif

} // namespace

bool is_private_scalar(KeyKind kind, const Bytes& scalar) {
    for (const Curve& curve : curves) {
        if (curve.kind != kind) continue;
        unsigned some = 0, borrow = 0;
        for (std::size_t i = 1; i <= curve.size; ++i) {
            const unsigned byte = i <= scalar.size() ? scalar[scalar.size() - i] : 0u;
            some |= byte;
            borrow = (byte - curve.order[curve.size - i] - borrow) >> 8 & 1;
        }
        return some != 0 && borrow != 0;
    }
    return false;
}

Err check_private_key(const PrivateKey& key, const Bytes& subject_public_key) {
    PublicKey own;
    if (!parse_public_key(subject_public_key, own) || own.kind != key.kind)
        return Err::key_mismatch;
#if USSL_RSA
    if (own.kind == KeyKind::rsa) return check_rsa(key, own);
#endif
    return check_ec(key, own.point);
}

} // namespace ussl::x509
