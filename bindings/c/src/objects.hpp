// How the objects of ussl.h lie in their storage, and that its structures lie as those of the C++
// interface do. What follows the same layout is passed on as it is: arrays of bytes and of
// credentials must stay where they are, so there is no place for others. A class like std::span is
// passed as the C structure of the same members is (Itanium C++ ABI, 3.1.1: trivial for the
// purposes of calls), so functions that take them are passed on as well.
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

// A pointer to a function or to data of C, as the one to what has the same layout in C++.
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

// A context, with those callbacks of C that are told a text: std::string_view has no layout that C
// could follow.
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
// Where the context of a ContextObject is, whichever backend it is of.
inline constexpr std::size_t context_offset =
    std::is_empty_v<TextCallbacks>
        ? 0
        : (sizeof(TextCallbacks) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t) +
              alignof(std::max_align_t);

// In a program with one backend its own, so that calls are direct.
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
