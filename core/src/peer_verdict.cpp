#include "ussl/backend/peer_verdict.hpp"

#include <cstring>

namespace ussl {

Alert alert_for(Err why, Role own, Version version) {
    if (why != Err::no_peer_certificate) return alert_for(why);
    if (!is_server(own)) return Alert::decode_error;
    return version == Version::tls1_3 ? Alert::certificate_required : Alert::handshake_failure;
}

// Keeps the first one only: a library may report it twice.
bool PeerVerdict::keep(const Bytes& der) {
    if (!certificate_.empty()) return true;
    auto* const copy = static_cast<std::uint8_t*>(allocate(der.size()));
    if (copy == nullptr) return false;
    std::memcpy(copy, der.data(), der.size());
    certificate_ = {copy, der.size()};
    return true;
}

} // namespace ussl
