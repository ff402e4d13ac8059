// What the adapter needs of wolfSSL beyond its public functions. The only source file that knows
// the library's insides is internals.cpp; the library is built from the very same sources and
// settings.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/protocol.hpp"

#include "library.hpp"

#include <span>
#include <string_view>

namespace ussl::wolfssl::internals {

// Leaves the verdict on the peer's certificates to the verify callback alone, while a server still
// asks for them: wolfSSL's modes have either checks of its own, or no request.
void leave_verification_to_callback(WOLFSSL* ssl);

// The public wolfSSL_UseALPN() wants a list with commas, which a name may contain. Names go in from
// the least to the most preferred. False: no memory.
bool add_alpn_name(WOLFSSL* ssl, std::string_view name);

// Reduces the names that the client offered to the one that comes first in `own`, if any is there:
// wolfSSL goes by the client's order.
void keep_preferred_alpn_name(WOLFSSL* ssl, std::span<const std::string_view> own);

// Queues an alert: it passes through the send callback.
void send_alert(WOLFSSL* ssl, bool fatal, Alert alert);

// Encrypted bytes that the send callback has not taken. Valid until wolfSSL is called again.
Bytes unsent(WOLFSSL* ssl);

// The length in the header of the record that came last.
std::size_t record_size(const WOLFSSL* ssl);

// Where wolfSSL will have its receive callback write next.
const std::uint8_t* receive_position(const WOLFSSL* ssl);

} // namespace ussl::wolfssl::internals
