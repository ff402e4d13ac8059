// The path from a peer's certificate to a trust anchor.
//
// wolfSSL's own way is not used: it goes through the list from its end, takes each intermediate
// that it trusts into the context for good, where it serves other sessions too, and keeps a decoded
// copy of every anchor on the heap. Here issuers are found by name, wolfCrypt checks the
// signatures, anchors stay where the caller has them, and core's PathCheck decides the rest.
#pragma once

#include "ussl/x509/path_check.hpp"

#include <span>

namespace ussl::wolfssl {

// The verdict on the certificates that a peer sent, MAX_CHAIN_DEPTH at most: its own first, the
// others in any order.
Err verify_path(const x509::Expectations& expectations, std::span<const Bytes> sent);

} // namespace ussl::wolfssl
