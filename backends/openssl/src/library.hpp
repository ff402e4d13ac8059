// OpenSSL's headers, and owners for the objects of its functions.
#pragma once

#include <memory>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace ussl::openssl {

template<auto free>
struct Freeing {
    template<class T>
    void operator()(T* object) const {
        free(object);
    }
};

inline void free_certificates(STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }

// At the start of an operation: older errors in the thread's queue belong to others.
// ERR_clear_error() takes 1,250 instructions, also if there are none.
inline void clear_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

using OwnedCertificate = std::unique_ptr<X509, Freeing<X509_free>>;
using OwnedCertificates = std::unique_ptr<STACK_OF(X509), Freeing<free_certificates>>;
using OwnedKey = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using OwnedSession = std::unique_ptr<SSL_SESSION, Freeing<SSL_SESSION_free>>;

} // namespace ussl::openssl
