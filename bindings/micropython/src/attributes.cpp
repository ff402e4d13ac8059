#include "attributes.hpp"

#include "errors.hpp"
#include "module.h"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

// --- The kinds that come several times: a name, the member, and whether this build can do it. ---

struct Rule {
    std::uint16_t name;
    bool Policy::*member;
    bool can_be_off;
};
constexpr Rule rules[] = {
    {MP_QSTR_check_hostname, &Policy::check_identity, true},
    {MP_QSTR_verify_time, &Policy::check_time, true},
    {MP_QSTR_check_purpose, &Policy::check_purpose, true},
    {MP_QSTR_check_key_strength, &Policy::check_key_strength, true},
    {MP_QSTR_check_signature_strength, &Policy::check_signature_strength, can.sha1_signatures},
    {MP_QSTR_check_constraints, &Policy::check_constraints, can.lenient_paths},
    {MP_QSTR_check_critical_extensions, &Policy::check_critical_extensions, can.lenient_paths},
    {MP_QSTR_verify_callback_may_accept, &Policy::callback_may_accept, true},
};

const Rule* rule_of(qstr attr) {
    for (const Rule& rule : rules)
        if (rule.name == attr) return &rule;
    return nullptr;
}

struct Callback {
    std::uint16_t name;
    mp_obj_t Settings::*member;
    bool supported;
};
constexpr Callback callbacks[] = {
    {MP_QSTR_verify_callback, &Settings::verify_callback, can.verify_callback},
    {MP_QSTR_server_name_callback, &Settings::server_name_callback, can.server_names},
    {MP_QSTR_sign_callback, &Settings::sign_callback, can.sign_callback},
    {MP_QSTR_keylog_callback, &Settings::keylog_callback, can.key_log},
    {MP_QSTR_server_psk_keys, &Settings::server_psk_keys, can.psk}, // an object with get()
};

const Callback* callback_of(qstr attr) {
    for (const Callback& callback : callbacks)
        if (callback.name == attr) return &callback;
    return nullptr;
}

// What this build lacks cannot be set, save to what it is anyway.
void check_supported(bool supported, qstr attr) {
    if (!supported) raise(Err::unsupported, qstr_str(attr));
}

bool has_get(mp_obj_t object) {
    mp_obj_t method[2];
    mp_load_method_maybe(object, MP_QSTR_get, method);
    return method[0] != MP_OBJ_NULL;
}

void store_callback(Settings& settings, const Callback& callback, mp_obj_t value) {
    if (value == mp_const_none) {
        settings.*callback.member = MP_OBJ_NULL;
        return;
    }
    check_supported(callback.supported, callback.name);
    if (can.psk && callback.name == MP_QSTR_server_psk_keys) {
        if (!has_get(value)) raise_type_error("server_psk_keys must have get()");
    } else if (!mp_obj_is_callable(value)) {
        raise_type_error("a callback must be callable, or None");
    }
    settings.*callback.member = value;
}

// --- Single ones. ---

Version version_of(mp_obj_t number) {
    const mp_int_t value = mp_obj_get_int(number);
    if (value == static_cast<mp_int_t>(Version::tls1_2)) return Version::tls1_2;
    if (value != static_cast<mp_int_t>(Version::tls1_3))
        raise_value_error("version must be TLSv1_2 or TLSv1_3");
    if (!can.tls1_3) raise(Err::unsupported, "TLSv1.3");
    return Version::tls1_3;
}

mp_obj_t version_object(Version version) {
    return MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(version));
}

constexpr mp_int_t longest_timeout = 1000000; // seconds: eleven days

// From seconds, whole or (where the interpreter has them) as a float, to milliseconds.
std::uint32_t milliseconds_of(mp_obj_t seconds) {
    if (seconds == mp_const_none) return 0;
    check_supported(can.handshake_timeout, MP_QSTR_handshake_timeout);
#if MICROPY_PY_BUILTINS_FLOAT
    if (mp_obj_is_float(seconds)) {
        const mp_float_t value = mp_obj_float_get(seconds);
        // Written so that no number (NaN) is refused, too.
        if (!(value > 0 && value <= longest_timeout))
            raise_value_error("handshake_timeout must be positive, or None");
        const auto whole = static_cast<std::uint32_t>(value * 1000);
        return whole == 0 ? 1 : whole;
    }
#endif
    const mp_int_t value = mp_obj_get_int(seconds);
    if (value <= 0 || value > longest_timeout)
        raise_value_error("handshake_timeout must be positive, or None");
    return static_cast<std::uint32_t>(value) * 1000;
}

mp_obj_t seconds_object(std::uint32_t milliseconds) {
    if (milliseconds == 0) return mp_const_none;
#if MICROPY_PY_BUILTINS_FLOAT
    if (milliseconds % 1000 != 0)
        return mp_obj_new_float(static_cast<mp_float_t>(milliseconds) / 1000);
#endif
    return mp_obj_new_int_from_uint(milliseconds / 1000);
}

std::uint16_t fragment_length_of(mp_obj_t value) {
    if (value == mp_const_none) return 0;
    const mp_int_t length = mp_obj_get_int(value);
    if (length != 0) check_supported(can.max_fragment_length, MP_QSTR_max_fragment_length);
    if (length != 0 && length != 512 && length != 1024 && length != 2048 && length != 4096)
        raise_value_error("max_fragment_length must be 512, 1024, 2048 or 4096, or None");
    return static_cast<std::uint16_t>(length);
}

const PrivateKey* psk_of(mp_obj_t value, std::size_t longest, qstr attr) {
    if (value == mp_const_none) return nullptr;
    check_supported(can.psk, attr);
    const PrivateKey* secret = load_secret(value);
    if (secret->der.empty() || secret->der.size() > longest)
        raise_value_error(longest == 48 ? "psk_key has 1 to 48 bytes"
                                        : "psk_identity has 1 to 128 bytes");
    return secret;
}

mp_obj_t psk_object(const PrivateKey* secret) {
    if (secret == nullptr) return mp_const_none;
    if (secret->given != MP_OBJ_NULL) return secret->given;
    return mp_obj_new_bytes(secret->der.data(), secret->der.size());
}

} // namespace

mp_obj_t load_attribute(const ContextObject& self, qstr attr) {
    const Settings& settings = self.settings;
    if (const Rule* rule = rule_of(attr)) return mp_obj_new_bool(settings.policy.*rule->member);
    if (const Callback* callback = callback_of(attr)) {
        if (!callback->supported) return MP_OBJ_NULL;
        const mp_obj_t value = settings.*callback->member;
        return value == MP_OBJ_NULL ? mp_const_none : value;
    }
    switch (attr) {
    case MP_QSTR_verify_mode: return MP_OBJ_NEW_SMALL_INT(self.verify_mode);
    case MP_QSTR_minimum_version:
        return version_object(self.minimum != Version::none ? self.minimum : Version::tls1_2);
    case MP_QSTR_maximum_version:
        if (self.maximum != Version::none) return version_object(self.maximum);
        return version_object(can.tls1_3 && !self.datagram ? Version::tls1_3 : Version::tls1_2);
    case MP_QSTR_handshake_timeout: return seconds_object(self.handshake_timeout);
    case MP_QSTR_resumption: return mp_obj_new_bool(self.resumption);
    case MP_QSTR_session_cache_size: return mp_obj_new_int_from_uint(self.session_cache_size);
    case MP_QSTR_max_fragment_length:
        return self.max_fragment_length == 0 ? mp_const_none
                                             : MP_OBJ_NEW_SMALL_INT(self.max_fragment_length);
    // Without the capability these are not there, as in MicroPython: programs look for them.
    case MP_QSTR_psk_identity: return can.psk ? psk_object(settings.psk_identity) : MP_OBJ_NULL;
    case MP_QSTR_psk_key: return can.psk ? psk_object(settings.psk_key) : MP_OBJ_NULL;
    default: return MP_OBJ_NULL;
    }
}

bool store_attribute(ContextObject& self, qstr attr, mp_obj_t value) {
    Settings& settings = self.settings;
    if (const Rule* rule = rule_of(attr)) {
        const bool flag = mp_obj_is_true(value);
        if (!flag) check_supported(rule->can_be_off, attr);
        settings.policy.*rule->member = flag;
        return true;
    }
    if (const Callback* callback = callback_of(attr)) {
        store_callback(settings, *callback, value);
        return true;
    }
    switch (attr) {
    case MP_QSTR_verify_mode: set_verify_mode(self, mp_obj_get_int(value)); break;
    case MP_QSTR_minimum_version: self.minimum = version_of(value); break;
    case MP_QSTR_maximum_version: self.maximum = version_of(value); break;
    case MP_QSTR_handshake_timeout: self.handshake_timeout = milliseconds_of(value); break;
    case MP_QSTR_resumption: {
        const bool flag = mp_obj_is_true(value);
        if (flag) check_supported(can.resumption, attr);
        self.resumption = flag;
        break;
    }
    case MP_QSTR_session_cache_size: {
        const mp_int_t size = mp_obj_get_int(value);
        if (size < 0 || size > 0x1000000) raise_value_error("session_cache_size is too large");
        self.session_cache_size = static_cast<std::uint32_t>(size);
        break;
    }
    case MP_QSTR_max_fragment_length: self.max_fragment_length = fragment_length_of(value); break;
    case MP_QSTR_psk_identity: settings.psk_identity = psk_of(value, 128, attr); break;
    case MP_QSTR_psk_key: settings.psk_key = psk_of(value, 48, attr); break;
    default: return false;
    }
    return true;
}

} // namespace ussl::binding
