// Which of BearSSL's implementations this build uses, and therefore links.
#pragma once

#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <bearssl.h>

#include <cstdint>
#include <span>

namespace ussl::bearssl {

// Sets suites, hash functions, ciphers and curves of an engine, client or server.
void choose_implementations(br_ssl_engine_context& engine, std::span<const std::uint16_t> suites);

struct HashFunction {
    int id; // br_sha256_ID and others
    x509::HashKind kind;
    const br_hash_class* implementation;
};
// Null: not in this build.
const HashFunction* hash_function(x509::HashKind kind);
const HashFunction* hash_function(int id);

// The OBJECT IDENTIFIER in the padding of RSA signatures, in BearSSL's form: length and contents.
const unsigned char* hash_oid(int id);

const br_ec_impl* elliptic_curves();

} // namespace ussl::bearssl
