// The interpreters' headers, and all differences between MicroPython 1.25, 1.26, later versions and
// Pycopy 3.6: no other file checks a version. For C and C++.
#pragma once

#ifdef __cplusplus
// Included first: their templates do not compile inside extern "C".
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
extern "C" {
#endif

#include "py/builtin.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/objstr.h"
#include "py/objtuple.h"
#include "py/objtype.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "py/unicode.h"

#ifdef __cplusplus
}
#endif

#if !MICROPY_ENABLE_FINALISER
#error "ussl needs MICROPY_ENABLE_FINALISER: without it keys stay in memory, and libraries keep theirs"
#endif
#if !MICROPY_MODULE_BUILTIN_INIT
#error "ussl needs MICROPY_MODULE_BUILTIN_INIT"
#endif
#if MICROPY_OBJ_REPR == MICROPY_OBJ_REPR_D
#error "ussl does not build with 64-bit boxed objects (MICROPY_OBJ_REPR_D)"
#endif

#ifndef MICROPY_EPOCH_IS_1970
#define MICROPY_EPOCH_IS_1970 0
#endif

// Pycopy's version number is greater than MicroPython's: recognise it by a macro that only it has.
#ifdef MP_STREAM_WANT_READ
#define USSL_ON_PYCOPY 1
#else
#define USSL_ON_PYCOPY 0
#endif

#if USSL_ON_PYCOPY

// The error codes for a read that needs a write first, and a write that needs a read.
#define USSL_READ_WAITS_TO_WRITE MP_EAGAIN_WR
#define USSL_WRITE_WAITS_TO_READ MP_EAGAIN_RD

// Pycopy cannot register a root pointer: the libraries allocate with malloc.
#define USSL_HEAP_IS_MALLOC 1

#define USSL_STREAM_PROTOCOL(type) ((const mp_stream_p_t *)(type)->protocol)

// poll() finds objects only by their file descriptor.
#define USSL_PASS_FILENO 1

// A type with an attribute handler must look up its methods itself.
#define USSL_CONTINUE_LOOKUP(self, type_, dict, attr_, dest) \
    do { \
        mp_map_elem_t *member = mp_map_lookup((mp_map_t *)&(dict).map, MP_OBJ_NEW_QSTR(attr_), MP_MAP_LOOKUP); \
        if (member != NULL) mp_convert_member_lookup((self), (type_), member->value, (dest)); \
    } while (0)

#ifdef MICROPY_EVENT_POLL_HOOK
#define USSL_WAIT_A_LITTLE() do { MICROPY_EVENT_POLL_HOOK } while (0)
#else
#define USSL_WAIT_A_LITTLE() do { mp_hal_delay_ms(1); mp_handle_pending(true); } while (0)
#endif

#define USSL_DEFINE_TYPE_MAKE_ATTR(symbol, name_, make_new_, attr_, locals_) \
    const mp_obj_type_t symbol = { \
        .base = { &mp_type_type }, .name = name_, .make_new = make_new_, .attr = attr_, \
        .locals_dict = (mp_obj_dict_t *)&locals_, \
    }
#define USSL_DEFINE_TYPE_STREAM_ATTR(symbol, name_, protocol_, attr_, locals_) \
    const mp_obj_type_t symbol = { \
        .base = { &mp_type_type }, .name = name_, .attr = attr_, .protocol = &protocol_, \
        .locals_dict = (mp_obj_dict_t *)&locals_, \
    }
#define USSL_DEFINE_TYPE_STREAM_MAKE(symbol, name_, protocol_, make_new_, locals_) \
    const mp_obj_type_t symbol = { \
        .base = { &mp_type_type }, .name = name_, .make_new = make_new_, .protocol = &protocol_, \
        .locals_dict = (mp_obj_dict_t *)&locals_, \
    }
#define USSL_DEFINE_TYPE_STREAM(symbol, name_, protocol_) \
    const mp_obj_type_t symbol = { \
        .base = { &mp_type_type }, .name = name_, .protocol = &protocol_, \
    }
#define USSL_DEFINE_TYPE_PLAIN(symbol, name_, locals_) \
    const mp_obj_type_t symbol = { \
        .base = { &mp_type_type }, .name = name_, .locals_dict = (mp_obj_dict_t *)&locals_, \
    }

#else // MicroPython

#define USSL_READ_WAITS_TO_WRITE MP_EAGAIN
#define USSL_WRITE_WAITS_TO_READ MP_EAGAIN

#define USSL_HEAP_IS_MALLOC 0

#define USSL_STREAM_PROTOCOL(type) ((const mp_stream_p_t *)MP_OBJ_TYPE_GET_SLOT_OR_NULL(type, protocol))

// If poll() knew the file descriptor it would bypass the TLS layer.
#define USSL_PASS_FILENO 0

#define USSL_CONTINUE_LOOKUP(self, type_, dict, attr_, dest) ((dest)[1] = MP_OBJ_SENTINEL)

#define USSL_WAIT_A_LITTLE() mp_event_wait_ms(1)

#define USSL_DEFINE_TYPE_MAKE_ATTR(symbol, name_, make_new_, attr_, locals_) \
    MP_DEFINE_CONST_OBJ_TYPE(symbol, name_, MP_TYPE_FLAG_NONE, make_new, make_new_, attr, attr_, \
        locals_dict, &locals_)
#define USSL_DEFINE_TYPE_STREAM_ATTR(symbol, name_, protocol_, attr_, locals_) \
    MP_DEFINE_CONST_OBJ_TYPE(symbol, name_, MP_TYPE_FLAG_NONE, attr, attr_, protocol, &protocol_, \
        locals_dict, &locals_)
#define USSL_DEFINE_TYPE_STREAM_MAKE(symbol, name_, protocol_, make_new_, locals_) \
    MP_DEFINE_CONST_OBJ_TYPE(symbol, name_, MP_TYPE_FLAG_NONE, make_new, make_new_, protocol, &protocol_, \
        locals_dict, &locals_)
#define USSL_DEFINE_TYPE_STREAM(symbol, name_, protocol_) \
    MP_DEFINE_CONST_OBJ_TYPE(symbol, name_, MP_TYPE_FLAG_NONE, protocol, &protocol_)
#define USSL_DEFINE_TYPE_PLAIN(symbol, name_, locals_) \
    MP_DEFINE_CONST_OBJ_TYPE(symbol, name_, MP_TYPE_FLAG_NONE, locals_dict, &locals_)

#endif

// A dictionary with the first `n` rows of a table.
#ifndef MP_DEFINE_CONST_DICT_WITH_SIZE
#define MP_DEFINE_CONST_DICT_WITH_SIZE(symbol, table_, n) \
    const mp_obj_dict_t symbol = { \
        .base = { &mp_type_dict }, \
        .map = { .all_keys_are_qstrs = 1, .is_fixed = 1, .is_ordered = 1, .used = n, .alloc = n, \
                 .table = (mp_map_elem_t *)(mp_rom_map_elem_t *)table_ } \
    }
#endif

// An exception's text that is not a literal: with MICROPY_ROM_TEXT_COMPRESSION MP_ERROR_TEXT() only
// takes literals.
#if defined(MICROPY_ROM_TEXT_COMPRESSION) && MICROPY_ROM_TEXT_COMPRESSION
#define USSL_UNCOMPRESSED(text) ((mp_rom_error_text_t)(text))
#else
#define USSL_UNCOMPRESSED(text) MP_ERROR_TEXT(text)
#endif

// Whether these bytes can be a str: if the interpreter checks that, mp_obj_new_str() raises
// otherwise.
#if MICROPY_PY_BUILTINS_STR_UNICODE && MICROPY_PY_BUILTINS_STR_UNICODE_CHECK
#ifdef MICROPY_PY_BUILTINS_BYTES_DECODE_ERRORS // the check of other encodings is newer than MicroPython 1.28
#define USSL_IS_TEXT(data, size) unicode_encoding_check(MP_ENCODING_UTF8, (const byte *)(data), size)
#else
#define USSL_IS_TEXT(data, size) utf8_check((const byte *)(data), size)
#endif
#else
#define USSL_IS_TEXT(data, size) ((void)(data), (void)(size), true)
#endif

// Frees memory of m_malloc*() at once, not by the collector. (Do not ask gc_nbytes() for the size:
// in a finaliser that is a deadlock on some ports.)
#define USSL_FREE(memory, size) m_del(byte, memory, size)
