// The form in which wolfSSL gets an own key: PKCS#1 or SEC1, each number in its shortest or its
// fixed size.
#pragma once

#include "ussl/x509/private_key.hpp"

#include <cstddef>

namespace ussl::wolfssl {

// The largest size of write_private_key() in bytes.
std::size_t private_key_room(const x509::PrivateKey& key);

// Writes `key`, which was checked, to the end of `room`, and returns that part.
Bytes write_private_key(const x509::PrivateKey& key, MutableBytes room);

} // namespace ussl::wolfssl
