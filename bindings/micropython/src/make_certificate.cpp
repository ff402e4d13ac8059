// make_key(), make_certificate() and make_certificate_request().
#include "ussl/make_certificate.hpp"

#include "credentials.hpp"
#include "environment.hpp"
#include "errors.hpp"
#include "module.h"

#include "ussl/selected_backend.hpp"

#if USSL_MAKE_CERTIFICATES

namespace ussl::binding {
namespace {

mp_obj_t bytes_object(const Bytes& bytes) { return mp_obj_new_bytes(bytes.data(), bytes.size()); }

std::string_view text_of(mp_obj_t object) {
    size_t length;
    const char* text = mp_obj_str_get_data(object, &length);
    return {text, length};
}

// Views into the script's strings.
std::span<const Bytes> read_names(mp_obj_t given) {
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(given, &count, &items);
    if (count == 0) raise_value_error("give at least one name or address");
    auto* names = static_cast<Bytes*>(m_malloc(count * sizeof(Bytes)));
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view name = text_of(items[i]);
        names[i] = as_bytes(name);
        if (!is_certificate_name(names[i]))
            raise_value_error("not a DNS name or an IP address", name);
    }
    return {names, count};
}

UnixTime read_time(mp_obj_t given) {
    if (given == mp_const_none) return 0;
    if (!mp_obj_is_int(given)) raise_type_error("not_before must be seconds since 1970, or None");
    // On small processors Python's integers are longer than C's, which last for another 80 years.
    const auto seconds = static_cast<mp_uint_t>(mp_obj_int_get_truncated(given));
    if (seconds == 0 || !mp_obj_equal(given, mp_obj_new_int_from_uint(seconds)))
        raise_value_error("not_before must be seconds since 1970");
    return static_cast<UnixTime>(seconds);
}

std::uint32_t read_days(mp_obj_t given) {
    const mp_int_t days = mp_obj_get_int(given);
    constexpr mp_int_t more_than_any = 4000000; // beyond the year 9999
    return days < 0 || days > more_than_any ? 0 : static_cast<std::uint32_t>(days);
}

template<auto make>
mp_obj_t make_with(mp_obj_t key, NewCertificate contents, const char* otherwise) {
    const PrivateKey* const own = load_private_key(key);
    contents.private_key = own->der;
    const std::size_t size = room_for_certificate(contents.names);
    auto* room = static_cast<std::uint8_t*>(m_malloc(size));
    Bytes made;
    const Err error =
        make(selected::p256(), environment(), contents, MutableBytes{room, size}, made);
    if (error == Err::unsupported) raise(error, "the key must be on secp256r1");
    if (error == Err::invalid_argument) raise_value_error(otherwise);
    if (error != Err::none) raise(error);
    return bytes_object(made);
}

constexpr const char* long_name = "the first name (the subject) has at most 64 characters";

} // namespace
} // namespace ussl::binding

using namespace ussl::binding;

mp_obj_t ussl_make_key() {
    std::uint8_t key[ussl::made_key_size];
    const ussl::Err error = ussl::make_key(ussl::selected::p256(), environment(), key);
    if (error != ussl::Err::none) raise(error);
    mp_obj_t made = bytes_object(ussl::Bytes{key});
    ussl::wipe(key, sizeof key);
    return made;
}

mp_obj_t ussl_make_certificate(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    enum { key, names, days, not_before };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_key, MP_ARG_REQUIRED | MP_ARG_OBJ, {}},
        {MP_QSTR_names, MP_ARG_REQUIRED | MP_ARG_OBJ, {}},
        {MP_QSTR_days, MP_ARG_REQUIRED | MP_ARG_OBJ, {}},
        {MP_QSTR_not_before, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE}},
    };
    mp_arg_val_t values[4];
    mp_arg_parse_all(n_args, args, kw_args, 4, allowed, values);
    ussl::NewCertificate contents;
    contents.names = read_names(values[names].u_obj);
    contents.days = read_days(values[days].u_obj);
    contents.not_before = read_time(values[not_before].u_obj);
    if (contents.names[0].size() > 64) raise_value_error(long_name);
    return make_with<ussl::make_certificate>(
        values[key].u_obj, contents, "days must be at least 1, and end before the year 10000");
}

mp_obj_t ussl_make_certificate_request(mp_obj_t key, mp_obj_t names) {
    ussl::NewCertificate contents;
    contents.names = read_names(names);
    return make_with<ussl::make_certificate_request>(key, contents, long_name);
}

#endif
