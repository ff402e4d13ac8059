// A backend's context, open, as an object of the collector.
#pragma once

#include "credentials.hpp"
#include "lists.hpp"
#include "roots.hpp"

#include "ussl/selected_backend.hpp"

namespace ussl::binding {

// What a script has set and contexts point into. Null, or MP_OBJ_NULL: not set.
struct Settings {
    const CertificateList* anchors;
    const Roots* roots;
    const Digests* pins;
    const Digests* ticket_keys; // of a server
    OwnCredential own;
    const OwnCredentials* more; // of a server, for further names
    const ProtocolNames* protocols;
    const SuiteNumbers* suites;
    const PrivateKey* psk_identity; // no secret, but kept as the key is
    const PrivateKey* psk_key;
    mp_obj_t server_psk_keys;
    mp_obj_t verify_callback;
    mp_obj_t verify_callback_version; // bytes
    mp_obj_t server_name_callback;
    mp_obj_t sign_callback;
    mp_obj_t keylog_callback;
    Policy policy;
};

// Sockets keep it alive. The collector may finalise it before them, in the same sweep: it
// counts its sessions, and closes with whatever goes last.
struct OpenContext {
    mp_obj_base_t base;
    bool discarded; // nobody opens another session with it
    unsigned sessions;
    // Those that it was opened with: kept alive, for the context points into them.
    Settings settings;
    Credential* more_credentials;
    mp_obj_t raised;    // by a callback: raised when the library's frames are gone
    mp_obj_t found_key; // what server_psk_keys gave, for the library reads it after the call
    selected::Context context;
};

// A new one, not open.
OpenContext* new_open_context(const Settings& settings);

// To be called when a session was opened, and when it was released.
void add_session(OpenContext& self);
void remove_session(OpenContext& self);

// No session will be added: closes as soon as there is none. Allocates nothing.
void discard(OpenContext& self);

} // namespace ussl::binding
