#include "verification.hpp"

#include "library.hpp"

namespace ussl::wolfssl {

bool is_signed_by(void*, const Bytes& der, const x509::Certificate&,
                  const x509::Certificate& issuer) {
    const int key = issuer.key == x509::KeyKind::rsa ? RSAk : ECDSAk;
    return wc_CheckCertSigPubKey(der.data(), static_cast<word32>(der.size()), nullptr,
                                 issuer.subject_public_key.data(),
                                 static_cast<word32>(issuer.subject_public_key.size()), key) == 0;
}

} // namespace ussl::wolfssl
