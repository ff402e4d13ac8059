#include "private_key_der.hpp"

#include "ussl/features.hpp"

#if USSL_CERTIFICATES

#include "ussl/x509/der_writer.hpp"

#include <iterator>

namespace ussl::wolfssl {
namespace {

using der::Writer;

constexpr std::size_t max_order = features::p384 ? 48 : 32; // bytes of a curve's

#if USSL_RSA
void write_rsa(const x509::PrivateKey& key, Writer& to) {
    const Bytes* const numbers[] = {&key.coefficient,     &key.exponent2, &key.exponent1,
                                    &key.prime2,          &key.prime1,    &key.private_exponent,
                                    &key.public_exponent, &key.modulus};
    for (const Bytes* number : numbers) {
        const std::size_t before = to.written().size();
        to.put(*number);
        if (number->front() > 0x7f) to.put(0u);
        to.head(der::integer, before);
    }
}
#endif

void write_ec(const x509::PrivateKey& key, Writer& to) {
    static constexpr std::uint8_t p256[] = {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7};
    static constexpr std::uint8_t p384[] = {6, 5, 0x2b, 0x81, 0x04, 0, 0x22};
    const bool is_p256 = key.kind == x509::KeyKind::ec_p256;
    to.put(is_p256 ? Bytes(p256) : Bytes(p384));
    to.head(der::context_constructed(0));
    const std::size_t before = to.written().size(), size = is_p256 ? 32 : 48;
    to.put(key.scalar);
    for (std::size_t i = key.scalar.size(); i < size; ++i)
        to.put(0u);
    to.head(der::octet_string, before);
}

} // namespace

std::size_t private_key_room(const x509::PrivateKey& key) {
    std::size_t room = max_order + 24;
#if USSL_RSA
    for (const Bytes* number :
         {&key.modulus, &key.public_exponent, &key.private_exponent, &key.prime1, &key.prime2,
          &key.exponent1, &key.exponent2, &key.coefficient})
        room += number->size() + 5;
#else
    static_cast<void>(key);
#endif
    return room;
}

Bytes write_private_key(const x509::PrivateKey& key, MutableBytes room) {
    Writer to(room);
    unsigned version = 1; // RFC 5915, 3
#if USSL_RSA
    if (key.kind == x509::KeyKind::rsa)
        write_rsa(key, to), version = 0; // RFC 8017, A.1.2
    else
#endif
        write_ec(key, to);
    const std::size_t before = to.written().size();
    to.put(version);
    to.head(der::integer, before);
    to.head(der::sequence);
    return to.written();
}

} // namespace ussl::wolfssl

#endif
