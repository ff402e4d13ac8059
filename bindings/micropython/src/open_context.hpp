// A backend's context, open, as an object of the collector.
#pragma once

#include "credentials.hpp"

#include "ussl/selected_backend.hpp"

namespace ussl::binding {

// Protocol names for ALPN, as views into `given`.
struct ProtocolNames {
    mp_obj_t given; // a tuple of str or bytes
    std::size_t count;
    std::string_view names[1]; // `count` of them
    std::span<const std::string_view> all() const { return {names, count}; }
};

// Sockets keep it alive. The collector may finalise it before them, in the same sweep: it
// counts its sessions, and closes with whatever goes last.
struct OpenContext {
    mp_obj_base_t base;
    bool discarded; // nobody opens another session with it
    unsigned sessions;
    // Kept alive, for the context points into them.
    const CertificateList* anchors;
    const CertificateList* chain;
    const PrivateKey* key;
    const ProtocolNames* protocols;
    selected::Context context;
};

// A new one, not open, its members empty.
OpenContext* new_open_context();

// To be called when a session was opened, and when it was released.
inline void add_session(OpenContext& self) { ++self.sessions; }
void remove_session(OpenContext& self);

// No session will be added: closes as soon as there is none. Allocates nothing.
void discard(OpenContext& self);

} // namespace ussl::binding
