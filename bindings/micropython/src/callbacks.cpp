#include "callbacks.hpp"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

OpenContext& context_of(void* user) { return *static_cast<OpenContext*>(user); }

// Runs `body` under nlr_push(). false: it raised, or an earlier callback of this call has. (`body`
// must report its success as its last action.)
template<class Body>
bool guarded(OpenContext& open, Body body) {
    if (open.raised != MP_OBJ_NULL) return false;
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        open.raised = MP_OBJ_FROM_PTR(nlr.ret_val);
        return false;
    }
    body();
    nlr_pop();
    return true;
}

mp_obj_t bytes_object(Bytes bytes) { return mp_obj_new_bytes(bytes.data(), bytes.size()); }

// MicroPython's convention: 0 accepts, any other number refuses.
bool accept(void* user, Bytes certificate, unsigned depth, Err verdict) {
    OpenContext& open = context_of(user);
    bool accepted = false;
    const bool returned = guarded(open, [&] {
        mp_obj_t args[] = {bytes_object(certificate), MP_OBJ_NEW_SMALL_INT(depth),
                           MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(verdict))};
        const mp_obj_t result =
            mp_call_function_n_kw(open.settings.verify_callback,
                                  open.settings.policy.callback_may_accept ? 3 : 2, 0, args);
        accepted = mp_obj_get_int(result) == 0;
    });
    return returned && accepted;
}

// From any object with get(), such as a dict.
bool find_key(void* user, Bytes identity, Bytes* key) {
    OpenContext& open = context_of(user);
    open.found_key = MP_OBJ_NULL;
    const bool returned = guarded(open, [&] {
        mp_obj_t call[3];
        mp_load_method(open.settings.server_psk_keys, MP_QSTR_get, call);
        call[2] = bytes_object(identity);
        open.found_key = mp_call_method_n_kw(1, 0, call);
    });
    mp_buffer_info_t info;
    // A result that is not a buffer is not a key, as in MicroPython.
    if (!returned || open.found_key == mp_const_none ||
        !mp_get_buffer(open.found_key, &info, MP_BUFFER_READ))
        return false;
    *key = {static_cast<const std::uint8_t*>(info.buf), info.len};
    return true;
}

int choose(void* user, std::string_view name) {
    OpenContext& open = context_of(user);
    int chosen = -1;
    const bool returned = guarded(open, [&] {
        mp_obj_t arg = name.empty() ? mp_const_none : mp_obj_new_str(name.data(), name.size());
        const mp_obj_t result =
            mp_call_function_n_kw(open.settings.server_name_callback, 1, 0, &arg);
        if (result != mp_const_none) chosen = static_cast<int>(mp_obj_get_int(result));
    });
    return returned ? chosen : -1;
}

bool sign(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
          std::size_t* size) {
    OpenContext& open = context_of(user);
    bool signed_ = false;
    const bool returned = guarded(open, [&] {
        mp_obj_t args[] = {MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(scheme)),
                           bytes_object(digest)};
        const mp_obj_t result = mp_call_function_n_kw(open.settings.sign_callback, 2, 0, args);
        if (result == mp_const_none) return; // it cannot
        mp_buffer_info_t info;
        mp_get_buffer_raise(result, &info, MP_BUFFER_READ);
        if (info.len == 0 || info.len > signature.size()) return;
        std::memcpy(signature.data(), info.buf, info.len);
        *size = info.len;
        signed_ = true;
    });
    return returned && signed_;
}

void log_line(void* user, std::string_view line) {
    OpenContext& open = context_of(user);
    guarded(open, [&] {
        mp_obj_t arg = mp_obj_new_str(line.data(), line.size());
        mp_call_function_n_kw(open.settings.keylog_callback, 1, 0, &arg);
    });
}

} // namespace

static Bytes version_of(const Settings& settings) {
    if (settings.verify_callback_version == MP_OBJ_NULL) return {};
    mp_buffer_info_t info;
    mp_get_buffer_raise(settings.verify_callback_version, &info, MP_BUFFER_READ);
    return {static_cast<const std::uint8_t*>(info.buf), info.len};
}

void set_callbacks(ContextConfig& config, OpenContext& open) {
    const Settings& settings = open.settings;
    const bool server = config.role == Role::server;
    if constexpr (can.verify_callback) {
        if (settings.verify_callback != MP_OBJ_NULL)
            config.verify_callback = {&open, accept, version_of(settings)};
    }
    if constexpr (can.psk) {
        if (server && settings.server_psk_keys != MP_OBJ_NULL)
            config.psk_callback = {&open, find_key};
    }
    if constexpr (can.server_names) {
        if (server && settings.server_name_callback != MP_OBJ_NULL)
            config.server_name_callback = {&open, choose};
    }
    if constexpr (can.key_log) {
        if (settings.keylog_callback != MP_OBJ_NULL) config.key_log = {&open, log_line};
    }
}

Signer signer_of(OpenContext& open) {
    if constexpr (can.sign_callback) {
        if (open.settings.sign_callback != MP_OBJ_NULL) return {&open, sign};
    }
    return {};
}

} // namespace ussl::binding
