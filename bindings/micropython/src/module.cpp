// The module's functions, and its initialisation at import.
#include "module.h"

#include "context.hpp"
#include "errors.hpp"
#include "memory.hpp"
#include "reserve.hpp"
#include "socket.hpp"

// The tuple (name, version of the library), in static memory: it is known only at run time.
struct BackendTuple {
    mp_obj_base_t base;
    size_t count;
    mp_obj_t items[2];
    mp_obj_str_t strings[2];
};
constinit BackendTuple ussl_backend{};

using namespace ussl::binding;

static void set_string(mp_obj_str_t& object, std::string_view text) {
    object.base.type = &mp_type_str;
    object.data = reinterpret_cast<const byte*>(text.data());
    object.len = text.size();
    object.hash = qstr_compute_hash(object.data, object.len);
}

mp_obj_t ussl_module_init() {
    ussl::set_allocator(heap_allocator());
#if !USSL_HEAP_IS_MALLOC
    begin_reserve();
#endif
    const ussl::Backend& backend = ussl::selected::backend();
    set_string(ussl_backend.strings[0], backend.name);
    set_string(ussl_backend.strings[1], backend.library_version());
    for (int i = 0; i < 2; ++i)
        ussl_backend.items[i] = MP_OBJ_FROM_PTR(&ussl_backend.strings[i]);
    ussl_backend.count = 2;
    ussl_backend.base.type = &mp_type_tuple;
    return mp_const_none;
}

mp_obj_t ussl_create_default_context(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_cafile, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cadata, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[2];
    mp_arg_parse_all(n_args, args, kw_args, 2, allowed, values);
    ContextObject* context = new_context(Roles::client);
    add_trust_anchors(*context, values[0].u_obj, values[1].u_obj);
    return MP_OBJ_FROM_PTR(context);
}

// In MicroPython unreadable arguments of wrap_socket() are ValueErrors.
[[noreturn]] static void raise_unreadable(const char* text, mp_obj_t raised) {
    if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(raised)),
                                 MP_OBJ_FROM_PTR(&mp_type_OSError)))
        nlr_raise(raised);
    raise_value_error(text);
}

template<class Load>
static void load_or_value_error(const char* text, Load load) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) raise_unreadable(text, MP_OBJ_FROM_PTR(nlr.ret_val));
    load();
    nlr_pop();
}

mp_obj_t ussl_wrap_socket(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    enum {
        server_side,
        key,
        cert,
        cert_reqs,
        cadata,
        server_hostname,
        do_handshake,
        suppress_ragged_eofs
    };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_server_side, MP_ARG_BOOL, {.u_bool = false}},
        {MP_QSTR_key, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cert, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cert_reqs, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_cadata, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_server_hostname, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
        {MP_QSTR_do_handshake, MP_ARG_BOOL, {.u_bool = true}},
        {MP_QSTR_suppress_ragged_eofs, MP_ARG_KW_ONLY | MP_ARG_BOOL, {.u_bool = true}},
    };
    mp_arg_val_t values[8];
    mp_arg_parse_all(n_args - 1, args + 1, kw_args, 8, allowed, values);
    ContextObject* context = new_context(Roles::both);
    OwnCredential own{};
    const mp_obj_t cert_given = values[cert].u_obj, key_given = values[key].u_obj;
    if (key_given != mp_const_none) {
        load_or_value_error("invalid key", [&] { own.key = load_private_key(key_given); });
    }
    if ((cert_given != mp_const_none) != (key_given != mp_const_none))
        raise_type_error("set a certificate and its key together");
    if (cert_given != mp_const_none) {
        load_or_value_error("invalid cert",
                            [&] { own.chain = load_certificates(cert_given, nullptr); });
        set_credential(*context, own);
    }
    if (values[cert_reqs].u_obj != mp_const_none)
        set_verify_mode(*context, mp_obj_get_int(values[cert_reqs].u_obj));
    const mp_obj_t anchors = values[cadata].u_obj;
    if (anchors != mp_const_none)
        load_or_value_error("invalid cert", [&] { add_trust_anchors(*context, anchors); });
    return wrap(*context, args[0],
                {values[server_side].u_bool, values[do_handshake].u_bool,
                 values[suppress_ragged_eofs].u_bool, values[server_hostname].u_obj, mp_const_none,
                 mp_const_none, mp_const_none});
}
