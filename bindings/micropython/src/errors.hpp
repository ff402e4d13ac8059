// Errors of TLS as Python exceptions.
#pragma once

#include "compat.h"

#include "ussl/session.hpp"

#include <span>
#include <string_view>

namespace ussl::binding {

// OSError(code, message(code)), with a detail "message: detail". Some codes are other exceptions:
// no_memory and no_memory_for_record are a MemoryError, invalid_argument a ValueError.
mp_obj_t make_exception(Err code, std::string_view detail = {});

// The error of a session. The text includes an alert, and the names of a certificate for another
// host.
mp_obj_t make_exception(const Session& session);

// MemoryError, for memory of a session: no_memory or no_memory_for_record. `lacked`: in bytes; 0:
// unknown.
mp_obj_t no_memory(Err code, std::size_t lacked);

[[noreturn]] void raise(Err code);
[[noreturn]] void raise(Err code, std::string_view detail);
[[noreturn]] void raise(Err code, const char* detail);
// OSError for every code.
[[noreturn]] void raise_os_error(Err code, std::string_view detail);
[[noreturn]] void raise_value_error(std::string_view text, std::string_view detail);

// For a PEM text that has none of what is needed, but something with this label; empty: nothing.
[[noreturn]] void raise_holding(Err code, std::string_view label);

// For one of several certificates in PEM or DER: `number`, from 1.
[[noreturn]] void raise_number(Err code, std::size_t number);

// For one of these certificates (error.certificate says which), or for `key`; the text says what it
// is instead.
[[noreturn]] void raise_material(const Error& error, std::span<const Bytes> certificates,
                                 const Bytes& key);

// A literal without detail stays where it is.
[[noreturn]] inline void raise_value_error(const char* text) {
    mp_raise_ValueError(USSL_UNCOMPRESSED(text));
}
[[noreturn]] inline void raise_type_error(const char* text) {
    mp_raise_TypeError(USSL_UNCOMPRESSED(text));
}

// OSError(EBADF): used after close().
[[noreturn]] void raise_closed();

} // namespace ussl::binding
