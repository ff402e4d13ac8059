#pragma once

#include "ussl/context.hpp"
#include "ussl/environment.hpp"
#include "ussl/features.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

// An own certificate chain, and its key or the caller's signer.
class OwnCredential {
public:
    OwnCredential() = default;
    OwnCredential(const OwnCredential&) = delete;
    OwnCredential& operator=(const OwnCredential&) = delete;
    ~OwnCredential() { ussl::release(chain_); }

    // Allocates. The DER stays in place, the key's as well.
    Err load(const Credential& credential);

    bool is_rsa() const { return is_rsa_; }
    const br_x509_certificate* chain() const { return chain_; }
    std::size_t chain_length() const { return chain_length_; }
    Bytes leaf() const { return {chain_[0].data, chain_[0].data_len}; }

    // Signs a hash value of the function `hash_id` (br_sha256_ID or another). `signature` may
    // overlap `digest`. Returns the size of the signature; 0: it cannot.
    std::size_t sign(int hash_id, Bytes digest, MutableBytes signature) const;

private:
    Err load_key(const Bytes& der, const br_x509_pkey& own);

    br_x509_certificate* chain_ = nullptr; // views into the caller's DER
    std::size_t chain_length_ = 0;
    // One of these, unless there is a signer: views into the caller's DER, too.
#if USSL_RSA
    br_rsa_private_key rsa_key_{};
#endif
    br_ec_private_key ec_key_{};
    Signer signer_;
    bool is_rsa_ = false;
};

} // namespace ussl::bearssl
