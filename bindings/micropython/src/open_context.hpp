// An open context of the backend, as an object of the collector.
#pragma once

#include "credentials.hpp"
#include "lists.hpp"
#include "roots.hpp"

#include "ussl/selected_backend.hpp"

namespace ussl::binding {

// A script's settings, which contexts point to. Null, or MP_OBJ_NULL: not set.
struct Settings {
    const CertificateList* anchors;
    const Roots* roots;
    const Digests* pins;
    const Digests* ticket_keys; // server
    OwnCredential own;
    const OwnCredentials* more; // server, for further names
    const ProtocolNames* protocols;
    const SuiteNumbers* suites;
    const PrivateKey* psk_identity; // not secret, but stored as the key is
    const PrivateKey* psk_key;
    mp_obj_t server_psk_keys;
    mp_obj_t verify_callback;
    mp_obj_t verify_callback_version; // bytes
    mp_obj_t server_name_callback;
    mp_obj_t sign_callback;
    mp_obj_t keylog_callback;
    Policy policy;
};

// Sockets keep it alive. The collector may finalise it before them, in the same sweep: so it counts
// its sessions, and closes with the last of them.
struct OpenContext {
    mp_obj_base_t base;
    bool discarded; // no further session may be opened
    unsigned sessions;
    // The settings that it was opened with: kept alive, as the context points into them.
    Settings settings;
    Credential* more_credentials;
    mp_obj_t raised;    // by a callback; raised again after the library has returned
    mp_obj_t found_key; // from server_psk_keys: the library reads it after the callback
    selected::Context context;
};

// A new one, not open.
OpenContext* new_open_context(const Settings& settings);

// Call them when a session was opened, and when it was released.
void add_session(OpenContext& self);
void remove_session(OpenContext& self);

// No further sessions: closes as soon as there is none. Allocates nothing.
void discard(OpenContext& self);

} // namespace ussl::binding
