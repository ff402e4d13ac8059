#include "roots.hpp"

#include "errors.hpp"
#include "text.hpp"

#include "ussl/features.hpp"
#include "ussl/selected_backend.hpp"
#include "ussl/system_roots.hpp"
#include "ussl/x509/description.hpp"

#include <new>

namespace ussl::binding {
namespace {

Bytes buffer_of(mp_obj_t object) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(object, &info, MP_BUFFER_READ);
    return {static_cast<const std::uint8_t*>(info.buf), info.len};
}

#if USSL_BUILT_IN_ROOTS
const RootBundle& built_in() {
    static const RootBundle bundle(built_in_roots());
    return bundle;
}
#endif

bool find_in_all(void* user, const Bytes& name, unsigned number, x509::TrustAnchor& anchor) {
    for (const auto* roots = static_cast<const Roots*>(user); roots != nullptr;
         roots = roots->previous) {
        for (unsigned i = 0; roots->own->find(roots->own->user, name, i, anchor); ++i)
            if (number-- == 0) return true;
    }
    return false;
}

Roots* new_roots(const Roots* previous) {
    auto* roots = new (m_malloc(sizeof(Roots))) Roots;
    roots->previous = previous;
    roots->given = MP_OBJ_NULL;
    roots->copied = nullptr;
    return roots;
}

const Roots* complete(Roots* roots, const AnchorSource& own) {
    roots->own = &own;
    std::uint8_t both[sizeof roots->version + 32] = {};
    if (roots->previous != nullptr)
        std::memcpy(both, roots->previous->version, sizeof roots->version);
    std::memcpy(both + sizeof roots->version, own.version.data(), own.version.size());
    if (!selected::backend().sha256(Bytes{both}, roots->version)) raise(Err::no_memory);
    roots->all = {roots, find_in_all, Bytes{roots->version}};
    return roots;
}

mp_obj_t describe(const RootBundle& bundle) {
    const x509::CalendarTime at = x509::calendar_time(bundle.date());
    Text day;
    day.print("%04d-%02u-%02u", at.year, at.month, at.day);
    mp_obj_t pair[] = {MP_OBJ_NEW_SMALL_INT(static_cast<mp_int_t>(bundle.roots())), day.object()};
    return mp_obj_new_tuple(2, pair);
}

} // namespace

bool is_root_bundle(mp_obj_t buffer) { return ussl::is_root_bundle(buffer_of(buffer)); }

const Roots* load_root_bundle(mp_obj_t buffer, const Roots* previous) {
    if (!features::anchor_source) raise(Err::unsupported, "root bundles");
    Bytes bytes = buffer_of(buffer);
    Roots* roots = new_roots(previous);
    if (mp_obj_is_type(buffer, &mp_type_bytearray)) {
        roots->copied = static_cast<std::uint8_t*>(m_malloc(bytes.size()));
        std::memcpy(roots->copied, bytes.data(), bytes.size());
        bytes = {roots->copied, bytes.size()};
    } else {
        roots->given = buffer;
    }
    if (const Err error = roots->bundle.open(bytes); error != Err::none) raise(error);
    return complete(roots, roots->bundle.source());
}

const AnchorSource* default_roots() {
#if USSL_BUILT_IN_ROOTS
    return &built_in().source();
#elif USSL_HOSTED
    return system_roots();
#else
    return nullptr;
#endif
}

const Roots* add_default_roots(const Roots* previous) {
    const AnchorSource* found = default_roots();
    if (found == nullptr) raise_no_roots();
    return complete(new_roots(previous), *found);
}

mp_obj_t describe_roots(const Roots* roots) {
    for (; roots != nullptr; roots = roots->previous)
        if (roots->bundle.roots() != 0) return describe(roots->bundle);
#if USSL_BUILT_IN_ROOTS
    return describe(built_in());
#else
    return mp_const_none;
#endif
}

void raise_no_roots() {
    raise(Err::no_trust_anchors,
#if USSL_HOSTED
          "this host has no file of roots: set SSL_CERT_FILE"
#else
          "or build the firmware with USSL_ROOTS=bundle"
#endif
    );
}

} // namespace ussl::binding
