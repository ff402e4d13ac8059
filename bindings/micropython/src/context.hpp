// SSLContext: the script's settings, and the backend's contexts that were opened with them.
#pragma once

#include "open_context.hpp"

namespace ussl::binding {

// Contexts for clients verify by default; the others do once they have trust anchors.
enum class Roles : std::uint8_t { client, server, both };

struct ContextObject {
    mp_obj_base_t base;
    Settings settings;
    // By role. Null until the first wrap_socket() in that role, and again after each change of a
    // setting.
    OpenContext* open[2];
    std::uint32_t handshake_timeout; // milliseconds
    std::uint32_t session_cache_size;
    std::uint32_t session_lifetime; // seconds; 0: the default
    std::uint16_t max_fragment_length;
    std::uint16_t record_size_limit;
    std::uint16_t datagram_size;
    std::uint8_t connection_id; // 0: none; else one more than the size of the IDs
    Version minimum;
    Version maximum;
    Roles roles;
    bool datagram;
    bool resumption;
    bool suppress_ragged_eofs;
    std::uint8_t verify_mode;
    bool verify_mode_was_set; // by the script: then loading trust anchors does not change it
};

ContextObject* new_context(Roles roles, bool datagram = false);

// The methods and attributes of the same names.
void set_verify_mode(ContextObject& self, mp_int_t mode);
void set_credential(ContextObject& self, const OwnCredential& credential);
// A root bundle, or certificates.
void add_trust_anchors(ContextObject& self, mp_obj_t buffer);
// From a file, a buffer, or both; None: not given.
void add_trust_anchors(ContextObject& self, mp_obj_t cafile, mp_obj_t cadata);

// The backend's context for a role, opened with the present settings. Raises if they are invalid.
OpenContext* open_for(ContextObject& self, Role role);

} // namespace ussl::binding
