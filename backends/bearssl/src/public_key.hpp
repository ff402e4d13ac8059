#pragma once

#include "ussl/bytes.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

// Points `key` at the numbers of a SubjectPublicKeyInfo, which stay where they are: `info` must
// live as long as `key` is used. False for keys of kinds that BearSSL does not know.
bool read_public_key(const Bytes& info, br_x509_pkey& key);

} // namespace ussl::bearssl
