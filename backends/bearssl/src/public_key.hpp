#pragma once

#include "ussl/bytes.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

// Points `key` to the numbers in a SubjectPublicKeyInfo: `info` must stay as long as `key` is used.
// false: BearSSL does not support this kind of key.
bool read_public_key(const Bytes& info, br_x509_pkey& key);

} // namespace ussl::bearssl
