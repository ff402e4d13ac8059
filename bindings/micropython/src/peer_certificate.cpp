// A certificate's contents for scripts: CPython's dictionary, and the pin.
#include "peer_certificate.hpp"

#include "credentials.hpp"
#include "errors.hpp"
#include "module.h"
#include "text.hpp"

#include "ussl/selected_backend.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/description.hpp"

namespace ussl::binding {
namespace {

constexpr std::uint8_t tag_bmp_string = 0x1e;

mp_obj_t text_object(std::string_view text) { return mp_obj_new_str(text.data(), text.size()); }

// A str, or bytes if they are not valid text.
mp_obj_t text_or_bytes(const Bytes& bytes) {
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    return USSL_IS_TEXT(data, bytes.size()) ? mp_obj_new_str(data, bytes.size())
                                            : mp_obj_new_bytes(bytes.data(), bytes.size());
}

mp_obj_t string_of(std::uint8_t tag, const Bytes& value) {
    if (tag != tag_bmp_string || value.size() % 2 != 0) return text_or_bytes(value);
    // Two bytes for each character; certificates use no surrogates.
    vstr_t text;
    vstr_init(&text, value.size());
    for (std::size_t i = 0; i < value.size(); i += 2)
        vstr_add_char(&text, static_cast<unichar>(value[i] << 8 | value[i + 1]));
    return text_or_bytes({reinterpret_cast<const std::uint8_t*>(text.buf), text.len});
}

// Types of attributes (RFC 5280, A.1; RFC 4519), by OpenSSL's long names, which CPython uses; and
// the contents of their OIDs.
struct AttributeName {
    std::string_view oid;
    std::string_view name;
};
constexpr AttributeName attribute_names[] = {
    {"\x55\x04\x03", "commonName"},
    {"\x55\x04\x05", "serialNumber"},
    {"\x55\x04\x06", "countryName"},
    {"\x55\x04\x07", "localityName"},
    {"\x55\x04\x08", "stateOrProvinceName"},
    {"\x55\x04\x0a", "organizationName"},
    {"\x55\x04\x0b", "organizationalUnitName"},
    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"},
    {"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "domainComponent"},
};

// Other types as numbers: 1.2.840.113549.
mp_obj_t dotted(const Bytes& oid) {
    Text text;
    unsigned long arc = 0;
    bool first = true;
    for (const std::uint8_t byte : oid) {
        arc = arc << 7 | (byte & 0x7f);
        if ((byte & 0x80) != 0) continue;
        if (first) {
            const unsigned long top = arc < 80 ? arc / 40 : 2;
            text.print("%lu.%lu", top, arc - 40 * top);
        } else {
            text.print(".%lu", arc);
        }
        first = false;
        arc = 0;
    }
    return text.object();
}

mp_obj_t attribute_name(const Bytes& oid) {
    const std::string_view type{reinterpret_cast<const char*>(oid.data()), oid.size()};
    for (const AttributeName& known : attribute_names)
        if (known.oid == type) return text_object(known.name);
    return dotted(oid);
}

mp_obj_t pair_of(mp_obj_t first, mp_obj_t second) {
    const mp_obj_t items[] = {first, second};
    return mp_obj_new_tuple(2, items);
}

// Makes a tuple of a list, which is not used any more.
mp_obj_t tuple_of(mp_obj_t list) {
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(list, &count, &items);
    return mp_obj_new_tuple(count, items);
}

// A tuple of RelativeDistinguishedNames, each a tuple of pairs.
mp_obj_t name_object(const Bytes& name) {
    x509::NameReader reader(name);
    mp_obj_t names = mp_obj_new_list(0, nullptr);
    mp_obj_t relative = MP_OBJ_NULL;
    for (x509::NameAttribute attribute; reader.next(attribute);) {
        if (attribute.starts_rdn) {
            if (relative != MP_OBJ_NULL) mp_obj_list_append(names, tuple_of(relative));
            relative = mp_obj_new_list(0, nullptr);
        }
        mp_obj_list_append(relative, pair_of(attribute_name(attribute.type),
                                             string_of(attribute.tag, attribute.value)));
    }
    if (relative != MP_OBJ_NULL) mp_obj_list_append(names, tuple_of(relative));
    return tuple_of(names);
}

// In asctime() format, with "GMT": "Nov  8 06:05:04 2026 GMT".
mp_obj_t time_object(UnixTime time) {
    static constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const x509::CalendarTime at = x509::calendar_time(time);
    Text text({months + 3 * (at.month - 1), 3});
    text.print(" %2u %02u:%02u:%02u %04d GMT", at.day, at.hour, at.minute, at.second, at.year);
    return text.object();
}

mp_obj_t serial_object(Bytes number) {
    while (number.size() > 1 && number[0] == 0)
        number = number.subspan(1);
    Text text;
    for (const std::uint8_t byte : number)
        text.print("%02X", byte);
    return text.object();
}

mp_obj_t address_object(const Bytes& address) {
    Text text;
    text.add_address(address, ":%X"); // as in CPython
    return text.object();
}

// Hosts, mailboxes and URIs of a subjectAltName (RFC 5280, 4.2.1.6).
mp_obj_t alt_names_object(const Bytes& subject_alt_name) {
    mp_obj_t names = mp_obj_new_list(0, nullptr);
    for (der::Row row(subject_alt_name); const std::uint8_t tag = row.take();) {
        const bool is_address = tag == der::context_primitive(7);
        std::string_view kind;
        if (tag == der::context_primitive(1)) kind = "email";
        if (tag == der::context_primitive(2)) kind = "DNS";
        if (tag == der::context_primitive(6)) kind = "URI";
        if (is_address && (row.value.size() == 4 || row.value.size() == 16)) kind = "IP Address";
        if (kind.empty()) continue;
        mp_obj_list_append(names,
                           pair_of(text_object(kind), is_address ? address_object(row.value)
                                                                 : text_or_bytes(row.value)));
    }
    return tuple_of(names);
}

void store(mp_obj_t dict, qstr key, mp_obj_t value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(key), value);
}

} // namespace

mp_obj_t describe(const Bytes& certificate) {
    mp_obj_t dict = mp_obj_new_dict(8);
    x509::Certificate parsed{};
    if (!x509::parse(certificate, parsed)) return dict;
    const x509::Serial serial = x509::serial_of(certificate);
    store(dict, MP_QSTR_subject, name_object(parsed.subject));
    store(dict, MP_QSTR_issuer, name_object(parsed.issuer));
    store(dict, MP_QSTR_version, MP_OBJ_NEW_SMALL_INT(serial.version));
    store(dict, MP_QSTR_serialNumber, serial_object(serial.number));
    store(dict, MP_QSTR_notBefore, time_object(parsed.not_before));
    store(dict, MP_QSTR_notAfter, time_object(parsed.not_after));
    if (!parsed.subject_alt_name.empty())
        store(dict, MP_QSTR_subjectAltName, alt_names_object(parsed.subject_alt_name));
    return dict;
}

} // namespace ussl::binding

using namespace ussl::binding;

mp_obj_t ussl_key_pin(mp_obj_t certificate) {
    const CertificateList* list = load_certificates(certificate, nullptr);
    const ussl::Bytes key = ussl::x509::subject_public_key_of(list->items[0]);
    if (key.empty()) raise(ussl::Err::bad_certificate);
    std::uint8_t digest[32];
    if (!ussl::selected::backend().sha256(key, digest)) raise(ussl::Err::no_memory);
    return mp_obj_new_bytes(digest, sizeof digest);
}
