// How every adapter finds a server's pre-shared keys.
#pragma once

#include "ussl/context.hpp"

namespace ussl {

// Calls a server's callback for the key of a client's identity. Empty: there is none, or it is
// longer than a PreSharedKey allows.
inline Bytes find_psk(const PskCallback& callback, Bytes identity) {
    Bytes key;
    const bool found = identity.size() <= max_psk_identity &&
                       callback.find(callback.user, identity, &key) && key.size() <= max_psk_key;
    return found ? key : Bytes{};
}

} // namespace ussl
