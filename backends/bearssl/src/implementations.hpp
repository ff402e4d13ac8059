// Which of BearSSL's implementations this build uses: everything that decides what gets linked.
#pragma once

#include <bearssl.h>

namespace ussl::bearssl {

// Suites, hash functions, ciphers and curves of an engine, client or server.
void choose_implementations(br_ssl_engine_context& engine);

// The algorithms that verify signatures on certificates.
void choose_implementations(br_x509_minimal_context& validator);

const br_ec_impl* elliptic_curves();

} // namespace ussl::bearssl
