#include "credentials.hpp"

#include "errors.hpp"
#include "module.h"

#include "ussl/pem.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/der.hpp"

namespace ussl::binding {
namespace {

Bytes buffer_of(mp_obj_t object) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(object, &info, MP_BUFFER_READ);
    return {static_cast<const std::uint8_t*>(info.buf), info.len};
}

// Whether the object's bytes can neither change nor move.
bool is_immutable(mp_obj_t object) { return mp_obj_is_type(object, &mp_type_bytes); }

CertificateList* new_list(const CertificateList* previous, std::size_t room) {
    const std::size_t before = previous != nullptr ? previous->count : 0;
    auto* list = static_cast<CertificateList*>(
        m_malloc(offsetof(CertificateList, items) + (before + room) * sizeof(Bytes)));
    list->previous = previous;
    list->given = MP_OBJ_NULL;
    list->decoded = nullptr;
    list->count = 0;
    for (; list->count < before; ++list->count)
        list->items[list->count] = previous->items[list->count];
    return list;
}

std::uint8_t* new_bytes(std::size_t size) { return static_cast<std::uint8_t*>(m_malloc(size)); }

bool is_certificate(std::string_view label) {
    static constexpr std::string_view labels[] = {"CERTIFICATE", "X509 CERTIFICATE",
                                                  "TRUSTED CERTIFICATE"};
    for (const std::string_view& known : labels)
        if (label == known) return true;
    return false;
}

// Goes to the next certificate in a PEM text; false: there are no more. Other blocks are not
// decoded, as they may be private keys: `other` gets the label of the first. `before`: the number
// of certificates before it.
bool next_certificate(pem::Reader& reader, pem::Block& block, std::string_view& other,
                      std::size_t before) {
    for (;;) {
        if (const Err error = reader.next(block); error != Err::none)
            raise_number(error, before + 1);
        if (block.label.empty() || is_certificate(block.label)) return !block.label.empty();
        if (other.empty()) other = block.label;
    }
}

std::size_t count_certificates(Bytes text) {
    pem::Reader reader(text);
    pem::Block block;
    std::string_view other;
    std::size_t count = 0;
    while (next_certificate(reader, block, other, count))
        ++count;
    if (count == 0) raise_holding(Err::bad_pem, other);
    return count;
}

void read_pem(CertificateList& list, Bytes text, Err bad) {
    MutableBytes space{list.decoded, pem::max_der_size(text.size())};
    pem::Reader reader(text);
    std::string_view other;
    std::size_t number = 0;
    for (pem::Block block; next_certificate(reader, block, other, number);) {
        ++number;
        if (const Err error = pem::decode(space, block); error != Err::none)
            raise_number(error, number);
        der::Row row(block.der);
        if (!row.take(der::sequence)) raise_number(bad, number);
        if (!row.at_end()) {
            // OpenSSL's settings: what the certificate is trusted for.
            if (block.label == "TRUSTED CERTIFICATE")
                raise(Err::unsupported, "trust settings of a TRUSTED CERTIFICATE");
            raise_number(bad, number);
        }
        list.items[list.count++] = block.der;
        space = space.subspan(block.der.size());
    }
}

// Counts the certificates in DER; adds them to `list`, if there is one.
std::size_t read_der(CertificateList* list, Bytes der, Err bad) {
    der::Row row(der);
    std::size_t count = 0;
    for (; !row.at_end(); ++count) {
        const std::uint8_t* const begin = row.rest.data();
        if (!row.take(der::sequence)) raise_number(bad, count + 1);
        if (list != nullptr) list->items[list->count++] = {begin, row.rest.data()};
    }
    if (count == 0) raise(bad);
    return count;
}

bool is_private_key(std::string_view label) {
    static constexpr std::string_view labels[] = {"PRIVATE KEY", "EC PRIVATE KEY",
                                                  "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"};
    for (const std::string_view& known : labels)
        if (label == known) return true;
    return false;
}

PrivateKey* new_key(std::size_t decoded_size) {
    auto* key = static_cast<PrivateKey*>(
        m_malloc_with_finaliser(offsetof(PrivateKey, decoded) + decoded_size));
    key->base.type = &ussl_key_type;
    key->given = MP_OBJ_NULL;
    key->der = {};
    key->decoded_size = decoded_size;
    return key;
}

void read_pem(PrivateKey& key, Bytes text) {
    pem::Reader reader(text);
    pem::Block block;
    std::string_view other;
    for (;;) {
        if (const Err error = reader.next(block); error != Err::none) raise(error);
        if (block.label.empty()) raise_holding(Err::bad_private_key, other);
        if (is_private_key(block.label)) break;
        if (other.empty()) other = block.label;
    }
    if (block.encrypted || block.label == "ENCRYPTED PRIVATE KEY")
        raise(Err::encrypted_private_key);
    if (const Err error = pem::decode({key.decoded, key.decoded_size}, block); error != Err::none)
        raise(error);
    key.der = block.der;
}

// A PEM text is never a path, whatever the argument's name.
bool is_path(mp_obj_t source) { return mp_obj_is_str(source) && !pem::is_pem(buffer_of(source)); }

mp_obj_t open_file(mp_obj_t path) {
    // Some builds have no files: open() is looked up, not linked.
    mp_map_elem_t* found = mp_map_lookup(const_cast<mp_map_t*>(&mp_module_builtins_globals.map),
                                         MP_OBJ_NEW_QSTR(MP_QSTR_open), MP_MAP_LOOKUP);
    if (found == nullptr) raise(Err::unsupported, "files");
    mp_obj_t arguments[] = {path, MP_OBJ_NEW_QSTR(MP_QSTR_rb)};
    return mp_call_function_n_kw(found->value, 2, 0, arguments);
}

mp_obj_t call(mp_obj_t file, qstr name) {
    mp_obj_t method[2];
    mp_load_method(file, name, method);
    return mp_call_method_n_kw(0, 0, method);
}

// The contents of a file that may hold a private key, in an object that always wipes them at its
// end. read() would leave parts of them in each buffer that it outgrows.
PrivateKey* read_file(mp_obj_t path) {
    mp_obj_t file = open_file(path);
    const mp_stream_p_t* stream = mp_get_stream_raise(file, MP_STREAM_OP_READ);
    PrivateKey* text = new_key(512);
    std::size_t size = 0;
    for (;;) {
        int errcode = 0;
        const mp_uint_t got =
            stream->read(file, text->decoded + size, text->decoded_size - size, &errcode);
        if (got == MP_STREAM_ERROR) mp_raise_OSError(errcode);
        if (got == 0) break;
        size += got;
        if (size < text->decoded_size) continue;
        PrivateKey* larger = new_key(2 * size);
        std::memcpy(larger->decoded, text->decoded, size);
        wipe({text->decoded, size});
        text = larger;
    }
    call(file, MP_QSTR_close);
    text->der = {text->decoded, size};
    return text;
}

PrivateKey* checked(PrivateKey* key) {
    if (!x509::is_der_sequence(key->der)) raise(Err::bad_private_key);
    return key;
}

PrivateKey* decode_pem(Bytes text) {
    PrivateKey* key = new_key(pem::max_der_size(text.size()));
    read_pem(*key, text);
    return checked(key);
}

// `given`: an immutable object that holds `bytes`; null: copies them.
CertificateList* load_certificates(Bytes bytes, mp_obj_t given, const CertificateList* previous,
                                   Err bad) {
    const bool pem = pem::is_pem(bytes);
    CertificateList* list =
        new_list(previous, pem ? count_certificates(bytes) : read_der(nullptr, bytes, bad));
    if (pem) {
        list->decoded = new_bytes(pem::max_der_size(bytes.size()));
        read_pem(*list, bytes, bad);
    } else if (given != MP_OBJ_NULL) {
        list->given = given;
        read_der(list, bytes, bad);
    } else {
        list->decoded = new_bytes(bytes.size());
        std::memcpy(list->decoded, bytes.data(), bytes.size());
        read_der(list, {list->decoded, bytes.size()}, bad);
    }
    return list;
}

} // namespace

CertificateList* load_certificates(mp_obj_t buffer, const CertificateList* previous, Err bad) {
    return load_certificates(buffer_of(buffer), is_immutable(buffer) ? buffer : MP_OBJ_NULL,
                             previous, bad);
}

PrivateKey* load_secret(mp_obj_t buffer) {
    const Bytes bytes = buffer_of(buffer);
    if (is_immutable(buffer)) {
        PrivateKey* key = new_key(0);
        key->given = buffer;
        key->der = bytes;
        return key;
    }
    PrivateKey* key = new_key(bytes.size());
    if (!bytes.empty()) std::memcpy(key->decoded, bytes.data(), bytes.size());
    key->der = {key->decoded, bytes.size()};
    return key;
}

PrivateKey* load_private_key(mp_obj_t buffer) {
    const Bytes bytes = buffer_of(buffer);
    return pem::is_pem(bytes) ? decode_pem(bytes) : checked(load_secret(buffer));
}

OwnCredentials* append(const OwnCredentials* before, const OwnCredential& credential) {
    const std::size_t count = before != nullptr ? before->count : 0;
    auto* list = static_cast<OwnCredentials*>(
        m_malloc(offsetof(OwnCredentials, items) + (count + 1) * sizeof(OwnCredential)));
    for (list->count = 0; list->count < count; ++list->count)
        list->items[list->count] = before->items[list->count];
    list->items[list->count++] = credential;
    return list;
}

mp_obj_t contents_of(mp_obj_t source) {
    if (!is_path(source)) return source;
    mp_obj_t file = open_file(source);
    mp_obj_t contents = call(file, MP_QSTR_read);
    call(file, MP_QSTR_close);
    return contents;
}

OwnCredential load_credential_from(mp_obj_t certificates, mp_obj_t key) {
    const bool together = key == MP_OBJ_NULL;
    OwnCredential own{};
    if (is_path(certificates)) {
        // The key may be in the same file.
        PrivateKey* text = read_file(certificates);
        own.chain = load_certificates(text->der, MP_OBJ_NULL, nullptr, Err::bad_certificate);
        if (together) own.key = decode_pem(text->der);
        wipe({text->decoded, text->decoded_size});
    } else {
        own.chain = load_certificates(certificates, nullptr);
        if (together) own.key = decode_pem(buffer_of(certificates));
    }
    if (together || key == mp_const_none) return own;
    if (!is_path(key)) {
        own.key = load_private_key(key);
        return own;
    }
    PrivateKey* text = read_file(key);
    if (!pem::is_pem(text->der)) {
        own.key = checked(text);
        return own;
    }
    own.key = decode_pem(text->der);
    wipe({text->decoded, text->decoded_size});
    return own;
}

} // namespace ussl::binding

mp_obj_t ussl_key_finalise(mp_obj_t self) {
    auto* key = static_cast<ussl::binding::PrivateKey*>(MP_OBJ_TO_PTR(self));
    ussl::wipe({key->decoded, key->decoded_size});
    key->decoded_size = 0;
    return mp_const_none;
}
