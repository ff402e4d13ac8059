// An own certificate chain and its key, in the library's form.
#pragma once

#include "ussl/context.hpp"

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <type_traits>

namespace ussl::mbedtls {

class OwnCredential {
public:
    OwnCredential();
    OwnCredential(const OwnCredential&) = delete;
    OwnCredential& operator=(const OwnCredential&) = delete;
    ~OwnCredential();

    // Reads both, and checks that they match. The chain stays in place.
    Err read(const Credential& credential, const Environment& environment);

    mbedtls_x509_crt& chain() { return chain_; }
    mbedtls_pk_context& key() { return key_; }

    // The first algorithm of a list (RFC 5246, 7.4.1.4.1) that the key can sign with; 0: none.
    std::uint16_t choose_signature(Bytes list) const;

    // The owner of such a key.
    static OwnCredential& of(mbedtls_pk_context* key) {
        static_assert(std::is_standard_layout_v<OwnCredential>);
        return *reinterpret_cast<OwnCredential*>(key);
    }

    // Signs in TLS 1.2. As mbedtls_pk_sign_ext().
    int sign(mbedtls_pk_type_t kind, mbedtls_md_type_t hash, Bytes digest, MutableBytes room,
             std::size_t& size, const Environment& environment);

private:
    Err read_chain(std::span<const Bytes> certificates);
    Err read_key(const Bytes& der, void* random);
    Err use_signer(Bytes certificate, const Signer& signer);
    int ask(bool pads_by_pss, Bytes digest, MutableBytes room, std::size_t& size) const;
    static int on_sign(mbedtls_pk_context* key, mbedtls_md_type_t, const unsigned char* digest,
                       std::size_t digest_size, unsigned char* signature, std::size_t room,
                       std::size_t* size, int (*)(void*, unsigned char*, std::size_t), void*);

    mbedtls_pk_context key_; // first member: of() finds the others by it
    mbedtls_x509_crt chain_;
    Signer signer_;
    void* signing_ = nullptr; // with a signer: the library's table of functions for such a key
};

} // namespace ussl::mbedtls
