#include "public_key.hpp"

#include "ussl/backend/memory.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/der.hpp"

namespace ussl::bearssl {
namespace {

int curve_of(x509::KeyKind kind) {
    switch (kind) {
    case x509::KeyKind::ec_p256: return BR_EC_secp256r1;
    case x509::KeyKind::ec_p384: return BR_EC_secp384r1;
    case x509::KeyKind::ec_p521: return BR_EC_secp521r1;
    default: return 0;
    }
}

} // namespace

bool read_public_key(const Bytes& info, br_x509_pkey& key) {
    x509::PublicKey parsed;
    if (!x509::parse_public_key(info, parsed)) return false;
    if (features::rsa && parsed.kind == x509::KeyKind::rsa) {
        key.key_type = BR_KEYTYPE_RSA;
        key.key.rsa = {unconst(parsed.modulus), parsed.modulus.size(), unconst(parsed.exponent),
                       parsed.exponent.size()};
        return true;
    }
    const int curve = curve_of(parsed.kind);
    if (curve == 0) return false;
    key.key_type = BR_KEYTYPE_EC;
    key.key.ec = {curve, unconst(parsed.point), parsed.point.size()};
    return true;
}

} // namespace ussl::bearssl
