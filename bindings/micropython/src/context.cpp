#include "context.hpp"

#include "attributes.hpp"
#include "callbacks.hpp"
#include "environment.hpp"
#include "errors.hpp"
#include "module.h"
#include "settings.hpp"
#include "socket.hpp"

#include "ussl/x509/path.hpp"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

ContextObject& context_of(mp_obj_t self) {
    return *static_cast<ContextObject*>(MP_OBJ_TO_PTR(self));
}

// Open contexts, and their sockets, keep the settings that they were opened with.
void settings_changed(ContextObject& self) {
    for (OpenContext*& open : self.open) {
        if (open != nullptr) discard(*open);
        open = nullptr;
    }
}

void check_role(Role role) {
    if (role == Role::client && !can.client) raise(Err::unsupported, "client side");
    if (role == Role::server && !can.server) raise(Err::unsupported, "server side");
}

ContextObject* new_context_for(mp_int_t protocol) {
    const bool datagram = protocol == protocol_dtls_client || protocol == protocol_dtls_server;
    if (datagram && !can.dtls) raise(Err::unsupported, "DTLS");
    switch (protocol) {
    case protocol_tls_client:
    case protocol_dtls_client: return new_context(Roles::client, datagram);
    case protocol_tls_server:
    case protocol_dtls_server: return new_context(Roles::server, datagram);
    default: raise_value_error("protocol must be one of PROTOCOL_*");
    }
}

// core/ refuses a setting with a code; these functions find the setting's name.
const char* unsupported_setting(const ContextConfig& config) {
    if (!can.client_certificates) {
        if (config.role == Role::client && !config.credential.chain.empty())
            return "client certificates";
        if (config.role == Role::server && config.verify != Verify::none)
            return "client certificates";
    }
    return config.credential.chain.empty() ? "" : "kind or size of key in the certificate";
}

const char* bad_setting(const ContextConfig& config) {
    if (config.credential.chain.size() > x509::max_sent_certificates)
        return "peers accept at most 12 certificates: leave out the others";
    if (can.tls1_3 && config.min_version != Version::none && config.max_version != Version::none &&
        config.min_version > config.max_version)
        return "minimum_version is above maximum_version";
    if (can.dtls && can.tls1_3 && config.datagram && config.min_version == Version::tls1_3)
        return "DTLS is TLSv1_2 only";
    if (can.tls1_3 && !config.suites.empty()) return "no suite of set_ciphers() fits the versions";
    if (can.server_names &&
        (!config.more_credentials.empty() || config.server_name_callback.choose != nullptr))
        return "call set_cert_key() first: its certificate is the default";
    return config.credential.chain.empty() ? "" : "peers accept certificates of at most 16 KB";
}

// Raises the error of a context that does not open with these settings.
[[noreturn]] void raise_refused(const Error& error, const ContextConfig& config) {
    switch (error.code) {
    case Err::unsupported: raise(error.code, unsupported_setting(config));
    case Err::invalid_argument: raise(error.code, bad_setting(config));
    case Err::no_trust_anchors:
        if (config.role == Role::client) raise_no_roots();
        raise(error.code);
    case Err::bad_trust_anchor: raise_material(error, config.trust_anchors, {});
    case Err::bad_certificate:
    case Err::bad_private_key: {
        const Credential& own = error.credential == 0
                                    ? config.credential
                                    : config.more_credentials[error.credential - 1u];
        raise_material(error, own.chain, own.private_key);
    }
    default: raise(error.code);
    }
}

Credential credential_of(const OwnCredential& own, OpenContext& open) {
    if (own.key == nullptr) return {own.chain->all(), {}, signer_of(open)};
    return {own.chain->all(), own.key->der, {}};
}

// Sets the trust anchors and the rules.
void set_verification(ContextConfig& config, const ContextObject& self) {
    config.verify = static_cast<Verify>(self.verify_mode);
    config.policy = self.settings.policy;
    config.keep_peer_certificate = true;
    if (self.verify_mode == cert_none) return;
    const Settings& settings = self.settings;
    if (settings.anchors != nullptr) config.trust_anchors = settings.anchors->all();
    if (settings.roots != nullptr) config.anchor_source = &settings.roots->all;
    if (can.pins && settings.pins != nullptr) config.pins = settings.pins->all();
    // A client without anchors, pins and PSK trusts the device's roots.
    if (config.role == Role::client && !has_anchors_or_pins(config) && settings.psk_key == nullptr)
        config.anchor_source = default_roots();
}

// Sets the credentials of this end.
void set_credentials(ContextConfig& config, OpenContext& open) {
    const Settings& settings = open.settings;
    if (settings.own.chain != nullptr) config.credential = credential_of(settings.own, open);
    if (can.server_names && config.role == Role::server && settings.more != nullptr) {
        const std::size_t count = settings.more->count;
        open.more_credentials = static_cast<Credential*>(m_malloc(count * sizeof(Credential)));
        for (std::size_t i = 0; i < count; ++i)
            open.more_credentials[i] = credential_of(settings.more->items[i], open);
        config.more_credentials = {open.more_credentials, count};
    }
    if (can.psk && config.role == Role::client) {
        if ((settings.psk_identity == nullptr) != (settings.psk_key == nullptr))
            raise_value_error("set psk_identity and psk_key together");
        if (settings.psk_key != nullptr)
            config.psk = {settings.psk_identity->der, settings.psk_key->der};
    }
}

void set_protocol(ContextConfig& config, const ContextObject& self) {
    const Settings& settings = self.settings;
    config.min_version = self.minimum;
    config.max_version = self.maximum;
    config.datagram = can.dtls && self.datagram;
    if (can.dtls) config.datagram_size = self.datagram_size;
    if (can.connection_id && self.connection_id != 0) {
        config.connection_id = true;
        config.connection_id_size = static_cast<std::uint8_t>(self.connection_id - 1);
    }
    config.resumption = can.resumption && self.resumption;
    if (can.resumption) {
        config.session_cache_size = self.session_cache_size;
        config.session_lifetime = self.session_lifetime;
    }
    if (can.ticket_keys && config.role == Role::server && self.resumption &&
        settings.ticket_keys != nullptr)
        config.ticket_keys = settings.ticket_keys->all();
    if (can.handshake_timeout) config.handshake_timeout = self.handshake_timeout;
    if (can.max_fragment_length && config.role == Role::client)
        config.max_fragment_length = self.max_fragment_length;
    if (can.record_size_limit) config.record_size_limit = self.record_size_limit;
    if (settings.suites != nullptr) config.suites = settings.suites->all();
    if (can.alpn && settings.protocols != nullptr) config.alpn = settings.protocols->all();
}

} // namespace

ContextObject* new_context(Roles roles, bool datagram) {
    if (roles == Roles::client) check_role(Role::client);
    if (roles == Roles::server) check_role(Role::server);
    auto* self = static_cast<ContextObject*>(m_malloc(sizeof(ContextObject)));
    *self = {};
    self->base.type = &ussl_context_type;
    self->settings.policy = Policy{};
    self->session_cache_size = static_cast<std::uint32_t>(ContextConfig{}.session_cache_size);
    self->roles = roles;
    self->datagram = datagram;
    self->resumption = can.resumption;
    self->suppress_ragged_eofs = true;
    self->verify_mode = roles == Roles::client ? cert_required : cert_none;
    return self;
}

void set_verify_mode(ContextObject& self, mp_int_t mode) {
    if (mode < cert_none || mode > cert_required)
        raise_value_error("verify_mode must be CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED");
    self.verify_mode = static_cast<std::uint8_t>(mode);
    self.verify_mode_was_set = true;
    settings_changed(self);
}

// Opens a context with nothing but a credential, as the library may refuse it: so it raises when
// the credential is loaded, not at the first connection.
static void check_material(const ContextObject& self, const OwnCredential& own) {
    OpenContext* open = new_open_context(self.settings);
    ContextConfig config;
    config.role = can.server && self.roles != Roles::client ? Role::server : Role::client;
    config.verify = Verify::none;
    config.policy.check_time = false; // decided when a connection starts
    config.credential = credential_of(own, *open);
    const Error error = open->context.open(config, environment());
    discard(*open);
    if (error.code != Err::none) raise_refused(error, config);
}

void set_credential(ContextObject& self, const OwnCredential& credential) {
    self.settings.own = credential;
    settings_changed(self);
}

// Setting trust anchors or pins turns verification on.
static void trust_was_set(ContextObject& self) {
    if (!self.verify_mode_was_set) self.verify_mode = cert_required;
    settings_changed(self);
}

static const CertificateList* load_anchors(mp_obj_t buffer, const CertificateList* previous) {
    const CertificateList* list = load_certificates(buffer, previous, Err::bad_trust_anchor);
    if (!can.verification) return list;
    const auto loaded = list->all().subspan(previous != nullptr ? previous->count : 0);
    Error error;
    error.code = x509::check_trust_anchors(loaded, true, can, error.certificate);
    if (error.code == Err::unsupported) raise(error.code, "kind or size of key in the certificate");
    if (error.code != Err::none) raise_material(error, loaded, {});
    return list;
}

void add_trust_anchors(ContextObject& self, mp_obj_t buffer) {
    if (is_root_bundle(buffer))
        self.settings.roots = load_root_bundle(buffer, self.settings.roots);
    else
        self.settings.anchors = load_anchors(buffer, self.settings.anchors);
    trust_was_set(self);
}

void add_trust_anchors(ContextObject& self, mp_obj_t cafile, mp_obj_t cadata) {
    if (cafile != mp_const_none) add_trust_anchors(self, contents_of(cafile));
    if (cadata != mp_const_none) add_trust_anchors(self, cadata);
}

OpenContext* open_for(ContextObject& self, Role role) {
    OpenContext*& slot = self.open[role == Role::server];
    if (slot != nullptr) return slot;
    check_role(role);

    OpenContext* open = new_open_context(self.settings);
    ContextConfig config;
    config.role = role;
    set_verification(config, self);
    set_credentials(config, *open);
    set_protocol(config, self);
    set_callbacks(config, *open);
    const Error error = open->context.open(config, environment());
    if (error.code != Err::none) raise_refused(error, config);
    slot = open;
    return open;
}

} // namespace ussl::binding

using namespace ussl::binding;

mp_obj_t ussl_context_make_new(const mp_obj_type_t*, size_t n_args, size_t n_kw,
                               const mp_obj_t* args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    return MP_OBJ_FROM_PTR(n_args == 0 ? new_context(Roles::both)
                                       : new_context_for(mp_obj_get_int(args[0])));
}

void ussl_context_attr(mp_obj_t self, qstr attr, mp_obj_t* dest) {
    if (dest[0] == MP_OBJ_NULL) {
        dest[0] = load_attribute(context_of(self), attr);
        if (dest[0] == MP_OBJ_NULL)
            USSL_CONTINUE_LOOKUP(self, &ussl_context_type, ussl_context_locals, attr, dest);
    } else if (dest[1] != MP_OBJ_NULL && store_attribute(context_of(self), attr, dest[1])) {
        settings_changed(context_of(self));
        dest[0] = MP_OBJ_NULL;
    }
}

// A key of None: sign_callback signs.
static void check_credential(ContextObject& self, mp_obj_t cert, mp_obj_t key) {
    const bool has_signer = self.settings.sign_callback != MP_OBJ_NULL;
    if (cert == mp_const_none || (key == mp_const_none && !has_signer))
        raise_value_error("set a certificate and its key together");
}

static OwnCredential load_credential(ContextObject& self, mp_obj_t cert, mp_obj_t key) {
    check_credential(self, cert, key);
    const CertificateList* chain = load_certificates(cert, nullptr);
    const OwnCredential own{chain, key == mp_const_none ? nullptr : load_private_key(key)};
    check_material(self, own);
    return own;
}

mp_obj_t ussl_context_set_cert_key(mp_obj_t self, mp_obj_t cert, mp_obj_t key) {
    set_credential(context_of(self), load_credential(context_of(self), cert, key));
    return mp_const_none;
}

// Without `keyfile` the key is in `certfile`, unless sign_callback signs.
mp_obj_t ussl_context_load_cert_chain(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    enum { certfile, keyfile };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_certfile, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_keyfile, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[2];
    mp_arg_parse_all(n_args - 1, args + 1, kw_args, 2, allowed, values);
    ContextObject& self = context_of(args[0]);
    mp_obj_t key = values[keyfile].u_obj;
    if (key == mp_const_none && self.settings.sign_callback == MP_OBJ_NULL) key = MP_OBJ_NULL;
    check_credential(self, values[certfile].u_obj, key);
    const OwnCredential own = load_credential_from(values[certfile].u_obj, key);
    check_material(self, own);
    set_credential(self, own);
    return mp_const_none;
}

// Returns the credential's number, for server_name_callback.
mp_obj_t ussl_context_add_cert_key(mp_obj_t self_in, mp_obj_t cert, mp_obj_t key) {
    ContextObject& self = context_of(self_in);
    if (!can.server_names) raise(ussl::Err::unsupported, "add_cert_key");
    if (self.roles == Roles::client) raise_value_error("add_cert_key is for servers");
    self.settings.more = append(self.settings.more, load_credential(self, cert, key));
    settings_changed(self);
    return MP_OBJ_NEW_SMALL_INT(self.settings.more->count);
}

mp_obj_t ussl_context_load_verify_locations(size_t n_args, const mp_obj_t* args,
                                            mp_map_t* kw_args) {
    enum { cafile, cadata };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_cafile, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cadata, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[2];
    mp_arg_parse_all(n_args - 1, args + 1, kw_args, 2, allowed, values);
    ContextObject& self = context_of(args[0]);
    if (values[cafile].u_obj == mp_const_none && values[cadata].u_obj == mp_const_none)
        raise_type_error("cafile or cadata is needed");
    add_trust_anchors(self, values[cafile].u_obj, values[cadata].u_obj);
    return mp_const_none;
}

mp_obj_t ussl_context_load_default_certs(size_t, const mp_obj_t* args) {
    ContextObject& self = context_of(args[0]);
    self.settings.roots = add_default_roots(self.settings.roots);
    trust_was_set(self);
    return mp_const_none;
}

mp_obj_t ussl_context_set_alpn_protocols(mp_obj_t self, mp_obj_t names) {
    context_of(self).settings.protocols = load_protocol_names(names);
    settings_changed(context_of(self));
    return mp_const_none;
}

mp_obj_t ussl_context_set_pins(mp_obj_t self, mp_obj_t digests) {
    context_of(self).settings.pins = load_digests(digests);
    if (context_of(self).settings.pins != nullptr) trust_was_set(context_of(self));
    settings_changed(context_of(self));
    return mp_const_none;
}

mp_obj_t ussl_context_get_ciphers(mp_obj_t self) {
    return suite_names(context_of(self).settings.suites);
}

mp_obj_t ussl_context_set_ciphers(mp_obj_t self, mp_obj_t names) {
    context_of(self).settings.suites = load_suites(names);
    settings_changed(context_of(self));
    return mp_const_none;
}

mp_obj_t ussl_context_wrap_socket(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    enum {
        server_side,
        server_hostname,
        do_handshake,
        do_handshake_on_connect,
        session,
        client_id,
        connection_id,
        suppress_ragged_eofs
    };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_server_side, MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_server_hostname, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_do_handshake, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_do_handshake_on_connect, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_session, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_client_id, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_connection_id, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        // None: the context's.
        {MP_QSTR_suppress_ragged_eofs, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    // In MicroPython and CPython the third positional argument is do_handshake_on_connect, a bool,
    // and the fourth is the name; in Pycopy they are swapped.
    mp_obj_t in_order[] = {mp_const_false, mp_const_none};
    const mp_obj_t* given = args + 2;
    size_t count = n_args - 2;
    bool third = true;
    if ((count == 2 || count == 3) && (given[1] == mp_const_true || given[1] == mp_const_false)) {
        third = given[1] == mp_const_true;
        in_order[0] = given[0];
        if (count == 3) in_order[1] = given[2];
        given = in_order;
        --count;
    }
    mp_arg_val_t values[8];
    mp_arg_parse_all(count, given, kw_args, 8, allowed, values);
    ContextObject& self = context_of(args[0]);
    const mp_obj_t suppress = values[suppress_ragged_eofs].u_obj;
    return wrap(self, args[1],
                {values[server_side].u_bool,
                 third && values[do_handshake].u_bool && values[do_handshake_on_connect].u_bool,
                 suppress == mp_const_none ? self.suppress_ragged_eofs : mp_obj_is_true(suppress),
                 values[server_hostname].u_obj, values[session].u_obj, values[client_id].u_obj,
                 values[connection_id].u_obj});
}
