#include "context.hpp"

#include "environment.hpp"
#include "errors.hpp"
#include "module.h"
#include "settings.hpp"
#include "socket.hpp"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

ContextObject& context_of(mp_obj_t self) {
    return *static_cast<ContextObject*>(MP_OBJ_TO_PTR(self));
}

// Contexts that are open keep the settings that they were opened with, and their sockets.
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

Roles roles_of(mp_obj_t protocol) {
    switch (mp_obj_get_int(protocol)) {
    case protocol_tls_client: return Roles::client;
    case protocol_tls_server: return Roles::server;
    case protocol_dtls_client:
    case protocol_dtls_server: raise(Err::unsupported, "DTLS");
    default: raise_value_error("protocol must be PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER");
    }
}

Version version_of(mp_obj_t number) {
    const mp_int_t value = mp_obj_get_int(number);
    if (value == static_cast<mp_int_t>(Version::tls1_2)) return Version::tls1_2;
    if (value != static_cast<mp_int_t>(Version::tls1_3))
        raise_value_error("version must be TLSv1_2 or TLSv1_3");
    if (!can.tls1_3) raise(Err::unsupported, "TLSv1.3");
    return Version::tls1_3;
}

// core/ refuses the setting and gives a code; this finds the setting's name.
std::string_view unsupported_setting(const ContextConfig& config) {
    if (!can.client_certificates) {
        if (config.role == Role::client && !config.credential.chain.empty())
            return "client certificates";
        if (config.role == Role::server && config.verify != Verify::none)
            return "client certificates";
    }
    return config.credential.chain.empty() ? "" : "kind of key in the certificate";
}

mp_obj_t version_object(Version version) {
    return MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(version));
}

mp_obj_t load_attribute(const ContextObject& self, qstr attr) {
    switch (attr) {
    case MP_QSTR_verify_mode: return MP_OBJ_NEW_SMALL_INT(self.verify_mode);
    case MP_QSTR_check_hostname: return mp_obj_new_bool(self.check_hostname);
    case MP_QSTR_verify_time: return mp_obj_new_bool(self.verify_time);
    case MP_QSTR_minimum_version:
        return version_object(self.minimum != Version::none ? self.minimum : Version::tls1_2);
    case MP_QSTR_maximum_version:
        if (self.maximum != Version::none) return version_object(self.maximum);
        return version_object(can.tls1_3 ? Version::tls1_3 : Version::tls1_2);
    default: return MP_OBJ_NULL;
    }
}

bool store_attribute(ContextObject& self, qstr attr, mp_obj_t value) {
    switch (attr) {
    case MP_QSTR_verify_mode: set_verify_mode(self, mp_obj_get_int(value)); break;
    case MP_QSTR_check_hostname: self.check_hostname = mp_obj_is_true(value); break;
    case MP_QSTR_verify_time: self.verify_time = mp_obj_is_true(value); break;
    case MP_QSTR_minimum_version: self.minimum = version_of(value); break;
    case MP_QSTR_maximum_version: self.maximum = version_of(value); break;
    default: return false;
    }
    settings_changed(self);
    return true;
}

} // namespace

ContextObject* new_context(Roles roles) {
    if (roles == Roles::client) check_role(Role::client);
    if (roles == Roles::server) check_role(Role::server);
    auto* self = static_cast<ContextObject*>(m_malloc(sizeof(ContextObject)));
    *self = {};
    self->base.type = &ussl_context_type;
    self->roles = roles;
    self->verify_mode = roles == Roles::client ? cert_required : cert_none;
    self->check_hostname = true;
    self->verify_time = true;
    return self;
}

void set_verify_mode(ContextObject& self, mp_int_t mode) {
    if (mode < cert_none || mode > cert_required)
        raise_value_error("verify_mode must be CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED");
    self.verify_mode = static_cast<std::uint8_t>(mode);
    self.verify_mode_was_set = true;
    settings_changed(self);
}

void set_credential(ContextObject& self, const CertificateList* chain, const PrivateKey* key) {
    self.chain = chain;
    self.key = key;
    settings_changed(self);
}

void add_trust_anchors(ContextObject& self, mp_obj_t buffer) {
    self.anchors = load_certificates(buffer, self.anchors);
    if (!self.verify_mode_was_set) self.verify_mode = cert_required;
    settings_changed(self);
}

OpenContext* open_for(ContextObject& self, Role role) {
    OpenContext*& slot = self.open[role == Role::server];
    if (slot != nullptr) return slot;
    check_role(role);

    OpenContext* open = new_open_context();
    ContextConfig config;
    config.role = role;
    config.verify = static_cast<Verify>(self.verify_mode);
    config.policy.check_identity = self.check_hostname;
    config.policy.check_time = self.verify_time;
    config.min_version = self.minimum;
    config.max_version = self.maximum;
    config.keep_peer_certificate = true;
    if (self.verify_mode != cert_none && self.anchors != nullptr) {
        open->anchors = self.anchors;
        config.trust_anchors = self.anchors->all();
    }
    if (self.chain != nullptr) {
        open->chain = self.chain;
        open->key = self.key;
        config.credential.chain = self.chain->all();
        config.credential.private_key = self.key->der;
    }
    if (self.protocols != nullptr) {
        open->protocols = self.protocols;
        config.alpn = self.protocols->all();
    }
    const Error error = open->context.open(config, environment());
    if (error.code == Err::unsupported) raise(error.code, unsupported_setting(config));
    if (error.code == Err::invalid_argument)
        raise_value_error("minimum_version is above maximum_version");
    if (error.code != Err::none) raise(error.code);
    slot = open;
    return open;
}

} // namespace ussl::binding

using namespace ussl::binding;

mp_obj_t ussl_context_make_new(const mp_obj_type_t*, size_t n_args, size_t n_kw,
                               const mp_obj_t* args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    return MP_OBJ_FROM_PTR(new_context(n_args == 0 ? Roles::both : roles_of(args[0])));
}

void ussl_context_attr(mp_obj_t self, qstr attr, mp_obj_t* dest) {
    if (dest[0] == MP_OBJ_NULL) {
        dest[0] = load_attribute(context_of(self), attr);
        if (dest[0] == MP_OBJ_NULL)
            USSL_CONTINUE_LOOKUP(self, &ussl_context_type, ussl_context_locals, attr, dest);
    } else if (dest[1] != MP_OBJ_NULL && store_attribute(context_of(self), attr, dest[1])) {
        dest[0] = MP_OBJ_NULL;
    }
}

static void set_cert_key(mp_obj_t self, mp_obj_t cert, mp_obj_t key, bool from_files) {
    if (cert == mp_const_none || key == mp_const_none)
        raise_value_error("a certificate and its key are set together");
    const CertificateList* chain =
        load_certificates(from_files ? contents_of(cert) : cert, nullptr);
    set_credential(context_of(self), chain,
                   from_files ? load_private_key_from(key) : load_private_key(key));
}

mp_obj_t ussl_context_set_cert_key(mp_obj_t self, mp_obj_t cert, mp_obj_t key) {
    set_cert_key(self, cert, key, false);
    return mp_const_none;
}

mp_obj_t ussl_context_load_cert_chain(mp_obj_t self, mp_obj_t cert, mp_obj_t key) {
    set_cert_key(self, cert, key, true);
    return mp_const_none;
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
    if (values[cafile].u_obj != mp_const_none)
        add_trust_anchors(self, contents_of(values[cafile].u_obj));
    if (values[cadata].u_obj != mp_const_none) add_trust_anchors(self, values[cadata].u_obj);
    return mp_const_none;
}

mp_obj_t ussl_context_set_alpn_protocols(mp_obj_t self, mp_obj_t names) {
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(names, &count, &items);
    if (count != 0 && !can.alpn) raise(ussl::Err::unsupported, "ALPN");
    auto* protocols = static_cast<ProtocolNames*>(
        m_malloc(offsetof(ProtocolNames, names) + count * sizeof(std::string_view)));
    protocols->count = 0;
    // A tuple of its own: what a script does to its list later changes nothing.
    protocols->given = mp_obj_new_tuple(count, items);
    mp_obj_get_array(protocols->given, &count, &items);
    std::size_t total = 0;
    for (; protocols->count < count; ++protocols->count) {
        size_t length;
        const char* text = mp_obj_str_get_data(items[protocols->count], &length);
        total += 1 + length;
        if (length == 0 || length > 255 || total > 65535)
            raise_value_error("an ALPN protocol name has 1 to 255 bytes"); // RFC 7301, 3.1
        protocols->names[protocols->count] = {text, length};
    }
    context_of(self).protocols = protocols;
    settings_changed(context_of(self));
    return mp_const_none;
}

mp_obj_t ussl_context_wrap_socket(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    enum { server_side, server_hostname, do_handshake, do_handshake_on_connect };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_server_side, MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_server_hostname, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_do_handshake, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_do_handshake_on_connect, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
    };
    mp_arg_val_t values[4];
    mp_arg_parse_all(n_args - 2, args + 2, kw_args, 4, allowed, values);
    return wrap(context_of(args[0]), args[1], values[server_side].u_bool,
                values[server_hostname].u_obj,
                values[do_handshake].u_bool && values[do_handshake_on_connect].u_bool);
}
