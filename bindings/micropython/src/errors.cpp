#include "errors.hpp"

#include "text.hpp"

#include "ussl/selected_backend.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/form.hpp"
#include "ussl/x509/identity.hpp"

namespace ussl::binding {
namespace {

// Appends the certificate's names, so that the script's author sees the mismatch.
void add_names(Text& text, Bytes certificate) {
    constexpr unsigned most_names = 5;
    x509::Certificate parsed{};
    if (!x509::parse(certificate, parsed)) return;
    Bytes rest = parsed.subject_alt_name;
    unsigned count = 0;
    for (;;) {
        const x509::AltName name = x509::next_alt_name(rest);
        if (name.kind == x509::AltName::Kind::none) break;
        text.print(count == 0 ? ": it is for " : ", ");
        if (++count > most_names) return text.print("...");
        if (name.kind == x509::AltName::Kind::ip_address)
            text.add_address(name.value);
        else
            text.add_foreign(name.value);
    }
    if (count == 0) text.print(": it names no host");
}

mp_obj_t os_error(Err code, const Text& text) {
    mp_obj_t args[] = {MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(code)), text.object()};
    return mp_obj_exception_make_new(&mp_type_OSError, 2, 0, args);
}

mp_obj_t memory_error(const Text& text) {
    mp_obj_t object = text.object();
    return mp_obj_exception_make_new(&mp_type_MemoryError, 1, 0, &object);
}

mp_obj_t value_error(const Text& text) {
    mp_obj_t object = text.object();
    return mp_obj_exception_make_new(&mp_type_ValueError, 1, 0, &object);
}

} // namespace

mp_obj_t make_exception(Err code, std::string_view detail) {
    if (code == Err::no_memory)
        return mp_obj_exception_make_new(&mp_type_MemoryError, 0, 0, nullptr);
    const Text text(message(code), detail);
    if (code == Err::no_memory_for_record) return memory_error(text);
    return code == Err::invalid_argument ? value_error(text) : os_error(code, text);
}

mp_obj_t no_memory(Err code, std::size_t lacked) {
    nlr_buf_t nlr;
    // There may be no memory for the text either.
    if (lacked == 0 || nlr_push(&nlr) != 0) return make_exception(Err::no_memory);
    Text text;
    text.print("no %u bytes in one piece: set memory aside with ussl.reserve()",
               static_cast<unsigned>(lacked));
    if (code == Err::no_memory_for_record)
        text.print(
            ", or use shorter records: record_size_limit, max_fragment_length, USSL_RECORD_INPUT");
    const mp_obj_t exception = memory_error(text);
    nlr_pop();
    return exception;
}

mp_obj_t make_exception(const Session& session) {
    const Error error = session.error();
    const bool too_large = selected::capabilities.dtls && error.code == Err::datagram_too_large;
    if (error.code != Err::peer_alert && error.code != Err::wrong_host && !too_large)
        return make_exception(error.code);
    Text text(message(error.code));
    if (too_large) {
        text.print(": at most %u", static_cast<unsigned>(session.max_fragment_length()));
        return os_error(error.code, text);
    }
    if (error.code == Err::peer_alert)
        text.print(" %u: %s", error.alert, alert_name(error.alert).data());
    else
        add_names(text, session.peer_certificate());
    return os_error(error.code, text);
}

void raise(Err code) { nlr_raise(make_exception(code)); }
void raise(Err code, const char* detail) { raise(code, std::string_view(detail)); }
void raise(Err code, std::string_view detail) { nlr_raise(make_exception(code, detail)); }

void raise_value_error(std::string_view text, std::string_view detail) {
    nlr_raise(value_error(Text(text, detail)));
}

void raise_os_error(Err code, std::string_view detail) {
    nlr_raise(os_error(code, Text(message(code), detail)));
}

void raise_holding(Err code, std::string_view label) {
    Text text(message(code), "it holds ");
    text.add(label.empty() ? "nothing" : label);
    nlr_raise(os_error(code, text));
}

void raise_number(Err code, std::size_t number) {
    Text text(message(code));
    // The first one may be all that there is.
    if (number > 1) text.print(": number %u", static_cast<unsigned>(number));
    nlr_raise(os_error(code, text));
}

void raise_material(const Error& error, std::span<const Bytes> certificates, const Bytes& key) {
    using x509::Form;
    Text text(message(error.code));
    const unsigned number = error.certificate;
    if (number != 0 && certificates.size() > 1)
        text.print(": number %u of %u", number, static_cast<unsigned>(certificates.size()));
    const Form form = x509::form_of(number != 0 ? certificates[number - 1] : key);
    const Form wanted = number != 0 ? Form::certificate : Form::private_key;
    if (form != Form::unknown && form != wanted) {
        text.print(": it is ");
        text.add(x509::name_of(form));
    }
    nlr_raise(os_error(error.code, text));
}

void raise_closed() { mp_raise_OSError(MP_EBADF); }

} // namespace ussl::binding
