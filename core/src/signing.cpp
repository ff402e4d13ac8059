#include "ussl/backend/signing.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/x509/certificate.hpp"

#if USSL_SIGN_CALLBACK

namespace ussl {
namespace {

x509::HashKind hash_of_size(std::size_t size) {
    switch (size) {
    case 32: return x509::HashKind::sha256;
    case 48: return x509::HashKind::sha384;
    case 64: return x509::HashKind::sha512;
    default: return x509::HashKind::other;
    }
}

// An Ecdsa-Sig-Value (RFC 3279, 2.2.3): a SEQUENCE of two positive INTEGERs.
constexpr std::size_t largest_ecdsa(std::size_t order_size) { return 2 + 2 * (2 + 1 + order_size); }

std::size_t signed_by(const Signer& signer, const Bytes& certificate, bool pads_by_pss,
                      const Bytes& digest, MutableBytes room) {
    using enum x509::SignatureKind;
    x509::Certificate own{};
    const x509::HashKind hash = hash_of_size(digest.size());
    if (hash == x509::HashKind::other || !x509::parse(certificate, own)) return 0;
    const bool rsa = own.key == x509::KeyKind::rsa;
    const std::size_t key_size = (own.key_bits + 7u) / 8;
    const std::size_t largest = rsa ? key_size : largest_ecdsa(key_size);
    if (room.size() < largest) return 0;
    room = room.first(largest);
    std::size_t size = 0;
    const SignatureScheme scheme = scheme_of(!rsa          ? ecdsa
                                             : pads_by_pss ? rsa_pss
                                                           : rsa_pkcs1,
                                             hash);
    if (!signer.sign(signer.user, scheme, digest, room, &size) || size > largest) return 0;
    return x509::is_encoded_for(own, room.first(size)) ? size : 0;
}

} // namespace

std::size_t ask_signer(const Signer& signer, const Bytes& certificate, bool pads_by_pss,
                       const Bytes& digest, MutableBytes room) {
    const std::size_t size = signed_by(signer, certificate, pads_by_pss, digest, room);
    if (size == 0) Operation::note_resource_error(Err::signer_failed);
    return size;
}

} // namespace ussl

#endif
