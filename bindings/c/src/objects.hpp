// The storage of ussl.h's objects, and checks that its structures have the layout of the C++
// interface's. Structures with the same layout are passed on without conversion: arrays of bytes
// and of credentials must stay in place, so there is no memory for converted ones. A class like
// std::span is passed as the C structure with the same members (Itanium C++ ABI, 3.1.1: trivial for
// the purposes of calls), so pointers to such functions are passed on as well.
#pragma once

#include "ussl.h"

#include "ussl/callbacks.hpp"
#include "ussl/context.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"
#include "ussl/pump.hpp"
#include "ussl/root_bundle.hpp"
#include "ussl/selected_backend.hpp"
#include "ussl/session.hpp"
#include "ussl/x509/trust_anchor.hpp"

#include <bit>
#include <cstddef>
#include <type_traits>

namespace ussl::c {

template<class C, class Cpp>
inline constexpr bool
    is_laid_out_as = sizeof(C) == sizeof(Cpp) && alignof(C) == alignof(Cpp) &&
                     std::is_trivially_copyable_v<Cpp>&& std::is_standard_layout_v<Cpp>;

static_assert(is_laid_out_as<ussl_bytes, Bytes>);
static_assert(is_laid_out_as<ussl_buffer, MutableBytes>);
static_assert(is_laid_out_as<ussl_signer, Signer>);
static_assert(is_laid_out_as<ussl_credential, Credential>);
static_assert(offsetof(ussl_credential, private_key) == offsetof(Credential, private_key));
static_assert(offsetof(ussl_credential, signer) == offsetof(Credential, signer));
static_assert(is_laid_out_as<ussl_psk, PreSharedKey>);
static_assert(is_laid_out_as<ussl_environment, Environment>);
static_assert(offsetof(ussl_environment, random) == offsetof(Environment, random));
static_assert(offsetof(ussl_environment, now) == offsetof(Environment, now));
static_assert(offsetof(ussl_environment, milliseconds) == offsetof(Environment, milliseconds));
static_assert(is_laid_out_as<ussl_anchor_source, AnchorSource>);
static_assert(offsetof(ussl_anchor_source, version) == offsetof(AnchorSource, version));

// Converts a pointer to a function or to data of C to one of the same layout in C++.
template<class Cpp, class C>
Cpp as(C pointer) {
    return std::bit_cast<Cpp>(pointer);
}
inline Bytes as_span(const ussl_bytes& bytes) { return {bytes.data, bytes.size}; }
inline std::span<const Bytes> as_span(const ussl_bytes* array, std::size_t count) {
    return {as<const Bytes*>(array), count};
}
inline ussl_bytes to_c(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }
inline ussl_buffer to_c(const MutableBytes& bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view as_text(const char* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text};
}
inline ussl_error to_c(const Error& error) {
    return {static_cast<std::uint16_t>(error.code), error.alert, error.library, error.certificate,
            error.credential};
}

// A context with its C callbacks that have a string argument: C has no structure with the layout of
// std::string_view.
struct TextCallbacks {
#if USSL_SERVER_NAMES
    ussl_server_name_callback server_name;
#endif
#if USSL_KEY_LOG
    ussl_key_log key_log;
#endif
};
template<class Concrete>
struct ContextObject {
    [[no_unique_address]] TextCallbacks callbacks;
    alignas(std::max_align_t) Concrete context;
};
// Offset of the context in a ContextObject, on every backend.
inline constexpr std::size_t context_offset =
    std::is_empty_v<TextCallbacks>
        ? 0
        : (sizeof(TextCallbacks) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t) +
              alignof(std::max_align_t);

// With one backend its own class, so that calls are direct.
#if USSL_SEVERAL_BACKENDS
using AnyContext = Context;
using AnySession = Session;
#else
using AnyContext = selected::Context;
using AnySession = selected::Session;
#endif
inline AnyContext& context_in(ussl_context* storage) {
    return *reinterpret_cast<AnyContext*>(storage->opaque + context_offset);
}
inline const AnyContext& context_in(const ussl_context* storage) {
    return *reinterpret_cast<const AnyContext*>(storage->opaque + context_offset);
}
inline AnySession& session_in(ussl_session* storage) {
    return *reinterpret_cast<AnySession*>(storage);
}
inline const AnySession& session_in(const ussl_session* storage) {
    return *reinterpret_cast<const AnySession*>(storage);
}

} // namespace ussl::c
