#include "ussl/x509/form.hpp"

#include "ussl/x509/der.hpp"

namespace ussl::x509 {

Form form_of(const Bytes& der) {
    der::Row outer(der);
    if (!outer.take(der::sequence)) return Form::unknown;
    der::Row row(outer.value);
    const std::uint8_t first = row.take();
    if (first == der::integer) { // a version; RFC 7292, 4: 3
        const bool is_pkcs12 = row.value.size() == 1 && row.value[0] == 3;
        const std::uint8_t second = row.take();
        if (second != der::sequence && second != der::integer && second != der::octet_string)
            return Form::unknown;
        return is_pkcs12 && second == der::sequence ? Form::pkcs12 : Form::private_key;
    }
    if (first != der::sequence) return Form::unknown;
    der::Row within(row.value);
    const std::uint8_t second = row.take();
    switch (within.take()) {
    case der::object_identifier:
        return second == der::bit_string     ? Form::public_key
               : second == der::octet_string ? Form::encrypted_private_key
                                             : Form::unknown;
    case der::context_constructed(0):
        return second == der::sequence ? Form::certificate : Form::unknown;
    case der::integer: // a version, with attributes at the end; or the serial number of a v1
                       // certificate
        if (second != der::sequence || !within.take(der::sequence) || !within.take(der::sequence))
            return Form::unknown;
        return within.take(der::context_constructed(0)) ? Form::request : Form::certificate;
    default: return Form::unknown;
    }
}

std::string_view name_of(Form form) {
    switch (form) {
    case Form::certificate: return "a certificate";
    case Form::request: return "a certificate signing request";
    case Form::public_key: return "a public key";
    case Form::private_key: return "a private key";
    case Form::encrypted_private_key: return "an encrypted private key";
    case Form::pkcs12: return "PKCS#12";
    default: return {};
    }
}

} // namespace ussl::x509
