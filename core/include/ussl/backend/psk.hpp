// Pre-shared keys of a server, as every adapter finds them.
#pragma once

#include "ussl/context.hpp"

namespace ussl {

// Asks a server's callback for the key of an identity that a client has sent. Empty: there is none,
// or none that a PreSharedKey could have.
inline Bytes find_psk(const PskCallback& callback, Bytes identity) {
    Bytes key;
    const bool found = identity.size() <= max_psk_identity &&
                       callback.find(callback.user, identity, &key) && key.size() <= max_psk_key;
    return found ? key : Bytes{};
}

} // namespace ussl
