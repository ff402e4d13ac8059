// Which of BearSSL's implementations this build uses: everything that decides what gets linked.
#pragma once

#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <bearssl.h>

#include <cstdint>
#include <span>

namespace ussl::bearssl {

// Suites, hash functions, ciphers and curves of an engine, client or
// server.
void choose_implementations(br_ssl_engine_context& engine, std::span<const std::uint16_t> suites);

struct HashFunction {
    int id; // br_sha256_ID and others
    x509::HashKind kind;
    const br_hash_class* implementation;
};
// Null for those that this build has not.
const HashFunction* hash_function(x509::HashKind kind);
const HashFunction* hash_function(int id);

// The OBJECT IDENTIFIER that stands in the padding of RSA signatures, as BearSSL wants it: length
// and contents.
const unsigned char* hash_oid(int id);

const br_ec_impl* elliptic_curves();

} // namespace ussl::bearssl
