// What a client keeps of a session to resume it later, as bytes of our own: wolfSSL's i2d and d2i
// need parts of the library that nothing else does.
#pragma once

#include "ussl/bytes.hpp"

#include "library.hpp"

namespace ussl::wolfssl::stored_session {

// The size of what there is of `ssl`'s session, copied if `into` has room for it. 0: nothing that a
// server would take. `has_ticket`: its ticket, if there is one, is for this session's secret.
std::size_t save(const WOLFSSL* ssl, bool has_ticket, MutableBytes into);

// Has `ssl`, whose handshake has not begun, offer the session. Does nothing with what is damaged,
// too old, of a version outside of [lowest, highest] or of a suite that `ssl` does not have.
// Returns the group that the server chose in the session's handshake (RFC 8446, 4.2.7), where it is
// offered and has one, else 0.
word16 offer(WOLFSSL* ssl, Bytes stored, unsigned lowest, unsigned highest);

} // namespace ussl::wolfssl::stored_session
