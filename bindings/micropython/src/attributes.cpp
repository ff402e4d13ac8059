#include "attributes.hpp"

#include "errors.hpp"
#include "module.h"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

// --- Attributes of the same kind: rules, which are bool, and callbacks ---

struct Member {
    std::uint16_t name;
    std::uint8_t offset; // in Settings; a pointer to member would be as large as the whole entry
    bool is_rule : 1;
    bool supported : 1; // a rule may be switched off, a callback may be set
};
constexpr Member members[] = {
    {MP_QSTR_check_hostname, offsetof(Settings, policy.check_identity), true, true},
    {MP_QSTR_verify_time, offsetof(Settings, policy.check_time), true, true},
    {MP_QSTR_check_purpose, offsetof(Settings, policy.check_purpose), true, true},
    {MP_QSTR_check_key_strength, offsetof(Settings, policy.check_key_strength), true, true},
    {MP_QSTR_check_signature_strength, offsetof(Settings, policy.check_signature_strength), true,
     can.sha1_signatures},
    {MP_QSTR_check_constraints, offsetof(Settings, policy.check_constraints), true,
     can.lenient_paths},
    {MP_QSTR_check_critical_extensions, offsetof(Settings, policy.check_critical_extensions), true,
     can.lenient_paths},
    {MP_QSTR_verify_callback_may_accept, offsetof(Settings, policy.callback_may_accept), true,
     true},
    {MP_QSTR_verify_callback, offsetof(Settings, verify_callback), false, can.verify_callback},
    {MP_QSTR_server_name_callback, offsetof(Settings, server_name_callback), false,
     can.server_names},
    {MP_QSTR_sign_callback, offsetof(Settings, sign_callback), false, can.sign_callback},
    {MP_QSTR_keylog_callback, offsetof(Settings, keylog_callback), false, can.key_log},
    {MP_QSTR_server_psk_keys, offsetof(Settings, server_psk_keys), false,
     can.psk}, // an object with get()
};

const Member* member_of(qstr attr) {
    for (const Member& member : members)
        if (member.name == attr) return &member;
    return nullptr;
}

template<class Type>
Type& in(Settings& settings, const Member& member) {
    return *reinterpret_cast<Type*>(reinterpret_cast<unsigned char*>(&settings) + member.offset);
}

// If the build lacks the feature, only the present value may be set.
void check_supported(bool supported, qstr attr) {
    if (!supported) raise(Err::unsupported, qstr_str(attr));
}

bool has_get(mp_obj_t object) {
    mp_obj_t method[2];
    mp_load_method_maybe(object, MP_QSTR_get, method);
    return method[0] != MP_OBJ_NULL;
}

void store_callback(Settings& settings, const Member& callback, mp_obj_t value) {
    mp_obj_t& stored = in<mp_obj_t>(settings, callback);
    if (value == mp_const_none) {
        stored = MP_OBJ_NULL;
        return;
    }
    check_supported(callback.supported, callback.name);
    if (can.psk && callback.name == MP_QSTR_server_psk_keys) {
        if (!has_get(value)) raise_type_error("server_psk_keys must have get()");
    } else if (!mp_obj_is_callable(value)) {
        raise_type_error("a callback must be callable, or None");
    }
    stored = value;
}

// --- Other attributes ---

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

// Converts seconds, an integer or (if the interpreter has them) a float, to milliseconds.
std::uint32_t milliseconds_of(mp_obj_t seconds) {
    if (seconds == mp_const_none) return 0;
    check_supported(can.handshake_timeout, MP_QSTR_handshake_timeout);
#if MICROPY_PY_BUILTINS_FLOAT
    if (mp_obj_is_float(seconds)) {
        const mp_float_t value = mp_obj_float_get(seconds);
        // Written so that NaN is refused, too.
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
    if (!can.handshake_timeout || milliseconds == 0) return mp_const_none;
#if MICROPY_PY_BUILTINS_FLOAT
    if (milliseconds % 1000 != 0)
        return mp_obj_new_float(static_cast<mp_float_t>(milliseconds) / 1000);
#endif
    return mp_obj_new_int_from_uint(milliseconds / 1000);
}

std::uint32_t lifetime_of(mp_obj_t value) {
    if (value == mp_const_none) return 0;
    check_supported(can.resumption, MP_QSTR_session_lifetime);
    const mp_int_t seconds = mp_obj_get_int(value);
    if (seconds <= 0 || seconds > static_cast<mp_int_t>(max_session_lifetime))
        raise_value_error("session_lifetime must be 1 to 604800 seconds, or None");
    return static_cast<std::uint32_t>(seconds);
}

// The keys cannot be read back.
mp_obj_t number_of(const Digests* keys) {
    return MP_OBJ_NEW_SMALL_INT(keys == nullptr ? 0 : static_cast<mp_int_t>(keys->count));
}

mp_obj_t callback_version_of(mp_obj_t value) {
    if (value == mp_const_none) return MP_OBJ_NULL;
    check_supported(can.verify_callback, MP_QSTR_verify_callback_version);
    if (!mp_obj_is_type(value, &mp_type_bytes))
        raise_type_error("verify_callback_version must be bytes, or None");
    return value;
}

std::uint16_t fragment_length_of(mp_obj_t value) {
    if (value == mp_const_none) return 0;
    const mp_int_t length = mp_obj_get_int(value);
    if (length != 0) check_supported(can.max_fragment_length, MP_QSTR_max_fragment_length);
    if (length != 0 && length != 512 && length != 1024 && length != 2048 && length != 4096)
        raise_value_error("max_fragment_length must be 512, 1024, 2048 or 4096, or None");
    return static_cast<std::uint16_t>(length);
}

std::uint16_t record_size_limit_of(const ContextObject& self, mp_obj_t value) {
    if (value == mp_const_none) return 0;
    const mp_int_t limit = mp_obj_get_int(value);
    check_supported(can.record_size_limit, MP_QSTR_record_size_limit);
    if (self.datagram || limit < least_record_size_limit || limit > 16384)
        raise_value_error("record_size_limit must be 64 to 16384, and is not for DTLS contexts");
    return static_cast<std::uint16_t>(limit);
}

std::uint16_t datagram_size_of(const ContextObject& self, mp_obj_t value) {
    if (value == mp_const_none) return 0;
    const mp_int_t size = mp_obj_get_int(value);
    check_supported(can.dtls, MP_QSTR_datagram_size);
    if (!self.datagram || size < 256 || size > 16384)
        raise_value_error("datagram_size must be 256 to 16384, and is for DTLS contexts");
    return static_cast<std::uint16_t>(size);
}

std::uint8_t id_size_of(const ContextObject& self, mp_obj_t value) {
    if (value == mp_const_none) return 0;
    const mp_int_t size = mp_obj_get_int(value);
    check_supported(can.connection_id, MP_QSTR_connection_id_size);
    if (!self.datagram || size < 0 || size > static_cast<mp_int_t>(max_connection_id))
        raise_value_error("connection_id_size must be 0 to 32, and is for DTLS contexts");
    return static_cast<std::uint8_t>(size + 1);
}

const PrivateKey* psk_of(mp_obj_t value, std::size_t longest, qstr attr) {
    if (value == mp_const_none) return nullptr;
    check_supported(can.psk, attr);
    const PrivateKey* secret = load_secret(value);
    if (secret->der.empty() || secret->der.size() > longest)
        raise_value_error(longest == 48 ? "psk_key must have 1 to 48 bytes"
                                        : "psk_identity must have 1 to 128 bytes");
    return secret;
}

mp_obj_t psk_object(const PrivateKey* secret) {
    if (secret == nullptr) return mp_const_none;
    if (secret->given != MP_OBJ_NULL) return secret->given;
    return mp_obj_new_bytes(secret->der.data(), secret->der.size());
}

} // namespace

mp_obj_t load_attribute(ContextObject& self, qstr attr) {
    Settings& settings = self.settings;
    if (const Member* member = member_of(attr)) {
        if (member->is_rule) return mp_obj_new_bool(in<bool>(settings, *member));
        if (!member->supported) return MP_OBJ_NULL;
        const mp_obj_t value = in<mp_obj_t>(settings, *member);
        return value == MP_OBJ_NULL ? mp_const_none : value;
    }
    switch (attr) {
    case MP_QSTR_verify_mode: return MP_OBJ_NEW_SMALL_INT(self.verify_mode);
    case MP_QSTR_minimum_version:
        return version_object(self.minimum != Version::none ? self.minimum : Version::tls1_2);
    case MP_QSTR_maximum_version:
        if (self.maximum != Version::none) return version_object(self.maximum);
        return version_object(can.tls1_3 && !self.datagram ? Version::tls1_3 : Version::tls1_2);
    case MP_QSTR_roots: return describe_roots(settings.roots);
    case MP_QSTR_handshake_timeout: return seconds_object(self.handshake_timeout);
    case MP_QSTR_resumption: return mp_obj_new_bool(self.resumption);
    case MP_QSTR_suppress_ragged_eofs: return mp_obj_new_bool(self.suppress_ragged_eofs);
    case MP_QSTR_session_cache_size: return mp_obj_new_int_from_uint(self.session_cache_size);
    case MP_QSTR_session_lifetime:
        return self.session_lifetime == 0 ? mp_const_none
                                          : mp_obj_new_int_from_uint(self.session_lifetime);
    case MP_QSTR_ticket_keys: return number_of(settings.ticket_keys);
    case MP_QSTR_verify_callback_version:
        return settings.verify_callback_version == MP_OBJ_NULL ? mp_const_none
                                                               : settings.verify_callback_version;
    case MP_QSTR_max_fragment_length:
        return self.max_fragment_length == 0 ? mp_const_none
                                             : MP_OBJ_NEW_SMALL_INT(self.max_fragment_length);
    case MP_QSTR_record_size_limit:
        return self.record_size_limit == 0 ? mp_const_none
                                           : MP_OBJ_NEW_SMALL_INT(self.record_size_limit);
    case MP_QSTR_datagram_size:
        if (!can.dtls) return MP_OBJ_NULL;
        return self.datagram_size == 0 ? mp_const_none : MP_OBJ_NEW_SMALL_INT(self.datagram_size);
    case MP_QSTR_connection_id_size:
        if (!can.dtls) return MP_OBJ_NULL;
        return self.connection_id == 0 ? mp_const_none
                                       : MP_OBJ_NEW_SMALL_INT(self.connection_id - 1);
    // Without the capability these do not exist, as in MicroPython: programs test for them.
    case MP_QSTR_psk_identity: return can.psk ? psk_object(settings.psk_identity) : MP_OBJ_NULL;
    case MP_QSTR_psk_key: return can.psk ? psk_object(settings.psk_key) : MP_OBJ_NULL;
    default: return MP_OBJ_NULL;
    }
}

bool store_attribute(ContextObject& self, qstr attr, mp_obj_t value) {
    Settings& settings = self.settings;
    if (const Member* member = member_of(attr)) {
        if (!member->is_rule) {
            store_callback(settings, *member, value);
            return true;
        }
        const bool flag = mp_obj_is_true(value);
        if (!flag) check_supported(member->supported, attr);
        in<bool>(settings, *member) = flag;
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
    case MP_QSTR_suppress_ragged_eofs: self.suppress_ragged_eofs = mp_obj_is_true(value); break;
    case MP_QSTR_session_cache_size: {
        const mp_int_t size = mp_obj_get_int(value);
        if (size < 0 || size > 0x1000000) raise_value_error("session_cache_size is too large");
        self.session_cache_size = static_cast<std::uint32_t>(size);
        break;
    }
    case MP_QSTR_session_lifetime: self.session_lifetime = lifetime_of(value); break;
    case MP_QSTR_ticket_keys: settings.ticket_keys = load_ticket_keys(value); break;
    case MP_QSTR_verify_callback_version:
        settings.verify_callback_version = callback_version_of(value);
        break;
    case MP_QSTR_max_fragment_length: self.max_fragment_length = fragment_length_of(value); break;
    case MP_QSTR_record_size_limit:
        self.record_size_limit = record_size_limit_of(self, value);
        break;
    case MP_QSTR_datagram_size: self.datagram_size = datagram_size_of(self, value); break;
    case MP_QSTR_connection_id_size: self.connection_id = id_size_of(self, value); break;
    case MP_QSTR_psk_identity: settings.psk_identity = psk_of(value, 128, attr); break;
    case MP_QSTR_psk_key: settings.psk_key = psk_of(value, 48, attr); break;
    default: return false;
    }
    return true;
}

} // namespace ussl::binding
