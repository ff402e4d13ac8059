#include "verification.hpp"

#include "ussl/x509/path.hpp"

#include "library.hpp"

namespace ussl::wolfssl {
namespace {

bool is_signed_by(Bytes der, const x509::Certificate&, const x509::Certificate& issuer) {
    const int key = issuer.key == x509::KeyKind::rsa ? RSAk : ECDSAk;
    return wc_CheckCertSigPubKey(der.data(), static_cast<word32>(der.size()), nullptr,
                                 issuer.subject_public_key.data(),
                                 static_cast<word32>(issuer.subject_public_key.size()), key) == 0;
}

} // namespace

Err verify_path(const x509::Expectations& expectations, std::span<const Bytes> sent) {
    return x509::verify_path(expectations, sent, is_signed_by);
}

} // namespace ussl::wolfssl
