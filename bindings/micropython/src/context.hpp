// SSLContext: what a script has set, and the backend's contexts that were opened with it.
#pragma once

#include "open_context.hpp"

namespace ussl::binding {

// One for clients verifies unless told otherwise; the others do once they have trust anchors.
enum class Roles : std::uint8_t { client, server, both };

struct ContextObject {
    mp_obj_base_t base;
    const CertificateList* anchors;
    const CertificateList* chain;
    const PrivateKey* key;
    const ProtocolNames* protocols;
    // By role; null until the first wrap_socket() in that role, and again after any setting
    // changes.
    OpenContext* open[2];
    Version minimum;
    Version maximum;
    Roles roles;
    std::uint8_t verify_mode;
    bool verify_mode_was_set; // by the script: loading trust anchors leaves it alone
    bool check_hostname;
    bool verify_time;
};

ContextObject* new_context(Roles roles);

// Settings, as the methods and attributes of the same names make them.
void set_verify_mode(ContextObject& self, mp_int_t mode);
void set_credential(ContextObject& self, const CertificateList* chain, const PrivateKey* key);
void add_trust_anchors(ContextObject& self, mp_obj_t buffer);

// The backend's context for a role, opened with the present settings. Raises where they do not
// serve.
OpenContext* open_for(ContextObject& self, Role role);

} // namespace ussl::binding
