#include "lists.hpp"

#include "errors.hpp"

#include "ussl/context.hpp"
#include "ussl/protocol.hpp"
#include "ussl/selected_backend.hpp"

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;
constexpr std::size_t digest_size = 32;

std::string_view text_of(mp_obj_t object) {
    size_t length;
    const char* text = mp_obj_str_get_data(object, &length);
    return {text, length};
}

// -1: not a hexadecimal digit.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void read_digest(mp_obj_t object, std::uint8_t* into, const char* wrong_size) {
    if (!mp_obj_is_str(object)) {
        mp_buffer_info_t info;
        mp_get_buffer_raise(object, &info, MP_BUFFER_READ);
        if (info.len != digest_size) raise_value_error(wrong_size);
        std::memcpy(into, info.buf, digest_size);
        return;
    }
    const std::string_view text = text_of(object);
    bool good = text.size() == 2 * digest_size;
    for (std::size_t i = 0; good && i < text.size(); ++i) {
        const int digit = digit_of(text[i]);
        good = digit >= 0;
        into[i / 2] = static_cast<std::uint8_t>(into[i / 2] << 4 | digit);
    }
    if (!good) raise_value_error("a pin as str must have 64 hexadecimal digits");
}

void add_suite(SuiteNumbers& suites, std::string_view name) {
    const std::uint16_t number = suite_number(name);
    if (number == 0) raise_value_error("unknown cipher suite", name);
    bool has = false;
    for (const std::uint16_t own : selected::backend().suites)
        has = has || own == number;
    if (!has) raise(Err::unsupported, name);
    suites.items[suites.count++] = number;
}

} // namespace

ProtocolNames* load_protocol_names(mp_obj_t names) {
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(names, &count, &items);
    if (!can.alpn) {
        if (count != 0) raise(Err::unsupported, "ALPN");
        return nullptr;
    }
    if (count > max_alpn_names) raise_value_error("at most 32 ALPN protocol names are allowed");
    auto* protocols = static_cast<ProtocolNames*>(
        m_malloc(offsetof(ProtocolNames, names) + count * sizeof(std::string_view)));
    protocols->count = 0;
    // Its own tuple: the script may change its list later.
    protocols->given = mp_obj_new_tuple(count, items);
    mp_obj_get_array(protocols->given, &count, &items);
    std::size_t total = 0;
    for (; protocols->count < count; ++protocols->count) {
        const std::string_view name = text_of(items[protocols->count]);
        total += 1 + name.size();
        if (name.empty() || name.size() > 255 || name.find('\0') != name.npos)
            raise_value_error("an ALPN protocol name must have 1 to 255 bytes, and no NUL");
        if (total > max_alpn_list)
            raise_value_error("ALPN protocol names may have 512 bytes in all");
        protocols->names[protocols->count] = name;
    }
    return protocols;
}

Digests* load(mp_obj_t digests, bool supported, const char* what, const char* wrong_size) {
    if (digests == mp_const_none) return nullptr;
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(digests, &count, &items);
    if (count == 0) return nullptr;
    if (!supported) raise(Err::unsupported, what);
    auto* list = static_cast<Digests*>(m_malloc(offsetof(Digests, items) + count * sizeof(Bytes)));
    list->count = count;
    list->bytes = static_cast<std::uint8_t*>(m_malloc(count * digest_size));
    for (std::size_t i = 0; i < count; ++i) {
        read_digest(items[i], list->bytes + i * digest_size, wrong_size);
        list->items[i] = {list->bytes + i * digest_size, digest_size};
    }
    return list;
}

Digests* load_digests(mp_obj_t digests) {
    return load(digests, can.pins, "pins", "a pin must have 32 bytes (SHA-256)");
}

Digests* load_ticket_keys(mp_obj_t keys) {
    static_assert(digest_size == ticket_key_size);
    Digests* const list =
        load(keys, can.ticket_keys, "ticket_keys", "a ticket key must have 32 bytes");
    if (list != nullptr && list->count > max_ticket_keys)
        raise_value_error("at most two ticket keys are allowed");
    return list;
}

SuiteNumbers* load_suites(mp_obj_t names) {
    if (mp_obj_is_str(names)) {
        const mp_obj_t split[] = {names, mp_obj_new_str(":", 1)};
        names = mp_obj_str_split(2, split);
    }
    size_t count;
    mp_obj_t* items;
    mp_obj_get_array(names, &count, &items);
    if (count == 0) raise_value_error("give at least one cipher suite");
    auto* suites = static_cast<SuiteNumbers*>(
        m_malloc(offsetof(SuiteNumbers, items) + count * sizeof(std::uint16_t)));
    suites->count = 0;
    for (std::size_t i = 0; i < count; ++i)
        add_suite(*suites, text_of(items[i]));
    return suites;
}

mp_obj_t suite_names(const SuiteNumbers* suites) {
    mp_obj_t list = mp_obj_new_list(0, nullptr);
    for (const std::uint16_t number :
         suites != nullptr ? suites->all() : selected::backend().suites) {
        const std::string_view name = suite_name(number);
        mp_obj_list_append(list, mp_obj_new_str(name.data(), name.size()));
    }
    return list;
}

} // namespace ussl::binding
