// The one form of an own key that wolfSSL is given: PKCS#1 or SEC1, each number in its shortest or
// its fixed size.
#pragma once

#include "ussl/x509/private_key.hpp"

#include <cstddef>

namespace ussl::wolfssl {

// Bytes that write_private_key() may need.
std::size_t private_key_room(const x509::PrivateKey& key);

// Writes `key`, which was checked, to the end of `room`, and gives the part that was written.
Bytes write_private_key(const x509::PrivateKey& key, MutableBytes room);

} // namespace ussl::wolfssl
