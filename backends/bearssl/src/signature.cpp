#include "signature.hpp"

#include "implementations.hpp"
#include "public_key.hpp"

#include "ussl/features.hpp"

#include <bearssl.h>

namespace ussl::bearssl {
namespace {

struct Digest {
    std::uint8_t bytes[br_sha512_SIZE];
    std::size_t size;
};

Digest digest_of(Bytes data, const br_hash_class& hash) {
    Digest digest;
    br_hash_compat_context context;
    hash.init(&context.vtable);
    hash.update(&context.vtable, data.data(), data.size());
    hash.out(&context.vtable, digest.bytes);
    digest.size = hash.desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
    return digest;
}

#if USSL_RSA
bool rsa_signed(Bytes signature, const Digest& digest, const HashFunction& hash,
                const br_rsa_public_key& key) {
    std::uint8_t found[br_sha512_SIZE];
    return br_rsa_pkcs1_vrfy_get_default()(signature.data(), signature.size(), hash_oid(hash.id),
                                           digest.size, &key, found) != 0 &&
           equal({found, digest.size}, {digest.bytes, digest.size});
}
#endif

} // namespace

bool is_signed_by(void*, const Bytes&, const x509::Certificate& certificate,
                  const x509::Certificate& issuer) {
    const HashFunction* hash = hash_function(certificate.hash);
    br_x509_pkey key;
    if (hash == nullptr || !read_public_key(issuer.subject_public_key, key)) return false;
    const Bytes signature = certificate.signature_value;
    const Digest digest = digest_of(certificate.to_be_signed, *hash->implementation);
#if USSL_RSA
    if (certificate.signature == x509::SignatureKind::rsa_pkcs1 && key.key_type == BR_KEYTYPE_RSA)
        return rsa_signed(signature, digest, *hash, key.key.rsa);
#endif
    return certificate.signature == x509::SignatureKind::ecdsa && key.key_type == BR_KEYTYPE_EC &&
           br_ecdsa_vrfy_asn1_get_default()(elliptic_curves(), digest.bytes, digest.size,
                                            &key.key.ec, signature.data(), signature.size()) != 0;
}

} // namespace ussl::bearssl
