// PEM, root bundles, addresses: the inputs of a configuration.
#include "objects.hpp"

#include "ussl/pem.hpp"
#include "ussl/system_roots.hpp"
#include "ussl/x509/identity.hpp"

#include <new>

using namespace ussl::c;

namespace {

uint16_t to_c(ussl::Err code) { return static_cast<uint16_t>(code); }

void to_c(const ussl::pem::Block& from, ussl_pem_block& block) {
    block = {from.label.data(), from.label.size(), from.body.data(),
             from.body.size(),  from.encrypted,    ussl::c::to_c(from.der)};
}

auto& bundle_in(ussl_root_bundle* storage) { return *reinterpret_cast<ussl::RootBundle*>(storage); }
const auto& bundle_in(const ussl_root_bundle* storage) {
    return *reinterpret_cast<const ussl::RootBundle*>(storage);
}
static_assert(sizeof(ussl::RootBundle) <= sizeof(ussl_root_bundle));
static_assert(alignof(ussl::RootBundle) <= alignof(ussl_root_bundle));

} // namespace

uint16_t ussl_pem_next(ussl_bytes* text, ussl_buffer room, ussl_pem_block* block) {
    ussl::pem::Reader reader(as_span(*text));
    ussl::pem::Block found;
    const ussl::Err error =
        room.data == nullptr ? reader.next(found) : reader.next({room.data, room.size}, found);
    to_c(found, *block);
    *text = ussl::c::to_c(reader.remaining());
    return to_c(error);
}
uint16_t ussl_pem_decode(ussl_buffer room, ussl_pem_block* block) {
    ussl::pem::Block found{
        {block->label, block->label_size}, {block->body, block->body_size}, block->encrypted, {}};
    const ussl::Err error = ussl::pem::decode({room.data, room.size}, found);
    to_c(found, *block);
    return to_c(error);
}
bool ussl_is_pem(ussl_bytes data) { return ussl::pem::is_pem(as_span(data)); }

bool ussl_is_root_bundle(ussl_bytes data) { return ussl::is_root_bundle(as_span(data)); }
void ussl_root_bundle_init(ussl_root_bundle* bundle) { new (bundle) ussl::RootBundle; }
uint16_t ussl_root_bundle_open(ussl_root_bundle* bundle, ussl_bytes data) {
    return to_c(bundle_in(bundle).open(as_span(data)));
}
const ussl_anchor_source* ussl_root_bundle_source(const ussl_root_bundle* bundle) {
    return as<const ussl_anchor_source*>(&bundle_in(bundle).source());
}
size_t ussl_root_bundle_roots(const ussl_root_bundle* bundle) { return bundle_in(bundle).roots(); }
int64_t ussl_root_bundle_date(const ussl_root_bundle* bundle) { return bundle_in(bundle).date(); }
#if USSL_BUILT_IN_ROOTS
ussl_bytes ussl_built_in_roots(void) { return to_c(ussl::built_in_roots()); }
#endif
#if USSL_HOSTED
const ussl_anchor_source* ussl_system_roots(void) {
    return as<const ussl_anchor_source*>(ussl::system_roots());
}
#endif

bool ussl_trust_anchor_read(ussl_bytes certificate, ussl_trust_anchor* anchor) {
    return ussl::x509::read_anchor(as_span(certificate), *as<ussl::x509::TrustAnchor*>(anchor));
}

size_t ussl_parse_ip_address(const char* text, uint8_t address[16]) {
    return ussl::x509::parse_ip_address(as_text(text),
                                        *reinterpret_cast<std::uint8_t(*)[16]>(address));
}
