// Which of BearSSL's implementations this build uses: everything that decides what gets linked.
#pragma once

#include "ussl/x509/certificate.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

// Suites, hash functions, ciphers and curves of an engine, client or server.
void choose_implementations(br_ssl_engine_context& engine);

// Null for those that this build has not.
const br_hash_class* hash_function(x509::HashKind kind);

const br_ec_impl* elliptic_curves();

} // namespace ussl::bearssl
