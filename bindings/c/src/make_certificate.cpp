// Keys and certificates made on the device.
#include "objects.hpp"

#include "ussl/features.hpp"
#include "ussl/make_certificate.hpp"

#if USSL_MAKE_CERTIFICATES

using namespace ussl::c;

static_assert(USSL_MADE_KEY_SIZE == ussl::made_key_size);
static_assert(is_laid_out_as<ussl_new_certificate, ussl::NewCertificate>);
static_assert(offsetof(ussl_new_certificate, names) == offsetof(ussl::NewCertificate, names));
static_assert(offsetof(ussl_new_certificate, days) == offsetof(ussl::NewCertificate, days));
static_assert(offsetof(ussl_new_certificate, not_before) ==
              offsetof(ussl::NewCertificate, not_before));

namespace {

template<auto make>
uint16_t made(const ussl_environment* environment, const ussl_new_certificate* contents,
              ussl_buffer room, ussl_bytes* out) {
    ussl::Bytes der;
    const ussl::Err error =
        make(ussl::selected::p256(), *as<const ussl::Environment*>(environment),
             *as<const ussl::NewCertificate*>(contents), {room.data, room.size}, der);
    *out = to_c(der);
    return static_cast<uint16_t>(error);
}

} // namespace

uint16_t ussl_make_key(const ussl_environment* environment, uint8_t key[USSL_MADE_KEY_SIZE]) {
    return static_cast<uint16_t>(
        ussl::make_key(ussl::selected::p256(), *as<const ussl::Environment*>(environment),
                       *reinterpret_cast<std::uint8_t(*)[ussl::made_key_size]>(key)));
}
bool ussl_is_certificate_name(ussl_bytes name) { return ussl::is_certificate_name(as_span(name)); }
size_t ussl_room_for_certificate(const ussl_bytes* names, size_t name_count) {
    return ussl::room_for_certificate(as_span(names, name_count));
}
uint16_t ussl_make_certificate(const ussl_environment* environment,
                               const ussl_new_certificate* contents, ussl_buffer room,
                               ussl_bytes* certificate) {
    return made<ussl::make_certificate>(environment, contents, room, certificate);
}
uint16_t ussl_make_certificate_request(const ussl_environment* environment,
                                       const ussl_new_certificate* contents, ussl_buffer room,
                                       ussl_bytes* request) {
    return made<ussl::make_certificate_request>(environment, contents, room, request);
}

#endif
