// wolfSSL's callbacks for private keys that are kept elsewhere.
#pragma once

#include "context_engine.hpp"

namespace ussl::wolfssl::signing {

#if USSL_SIGN_CALLBACK
// Makes `into` sign with the key of `certificate`, by SessionEngine::sign().
void use(WOLFSSL_CTX* into, const x509::Certificate& certificate);

// Where `ssl`'s callbacks find their session.
void set_session(WOLFSSL* ssl, Traits::SessionEngine& session);
#endif

} // namespace ussl::wolfssl::signing
