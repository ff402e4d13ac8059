// A client's stored session, in a format of our own: wolfSSL's i2d and d2i need parts of the
// library that nothing else uses.
#pragma once

#include "ussl/bytes.hpp"

#include "library.hpp"

namespace ussl::wolfssl::stored_session {

// Copies `ssl`'s session if `into` is large enough, and returns its size. 0: no server would accept
// it. `has_ticket`: the ticket, if there is one, belongs to this session's secret.
std::size_t save(const WOLFSSL* ssl, bool has_ticket, MutableBytes into);

// Makes `ssl` offer the session, before its handshake. Does nothing if the data is damaged, too
// old, of a version outside of [lowest, highest] or of a suite that `ssl` does not have. Returns
// the group that the server chose in the session's handshake (RFC 8446, 4.2.7); 0: none, or the
// session is not offered.
word16 offer(WOLFSSL* ssl, Bytes stored, unsigned lowest, unsigned highest);

} // namespace ussl::wolfssl::stored_session
