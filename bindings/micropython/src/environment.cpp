#include "environment.hpp"

#include "compat.h"

#include <string_view>

// A board may define its own sources:
//   USSL_RANDOM=name   bool name(void* into, size_t count);     false: the generator failed
//   USSL_TIME=name     bool name(int64_t* seconds_since_1970);  false: the clock is not set
extern "C" {
#if MICROPY_PY_OS_URANDOM
extern const mp_obj_module_t mp_module_os;
#endif
#ifdef USSL_RANDOM
bool USSL_RANDOM(void* into, std::size_t count);
#endif
#ifdef USSL_TIME
bool USSL_TIME(std::int64_t* seconds_since_1970);
#endif
}

namespace ussl::binding {
namespace {

#if defined(USSL_RANDOM)

bool random_bytes(void*, MutableBytes out) { return USSL_RANDOM(out.data(), out.size()); }

#elif USSL_HOSTED

bool random_bytes(void*, MutableBytes out) { return posix_environment().random(nullptr, out); }

#else

template<class Pointer>
concept PortHasRandom = requires(Pointer into, std::size_t count) {
    mp_hal_get_random(count, into);
};

// Whether the port computes "random" numbers from a seed that can be guessed, as stm32 and nrf do
// on chips without a generator, SAMD21, cc3200 ("WiPy": its seed is the MAC address and the clock),
// and QEMU's boards.
#if (defined(MICROPY_HW_ENABLE_RNG) && !MICROPY_HW_ENABLE_RNG) || defined(MCU_SAMD21)
constexpr bool is_stand_in = true;
#elif defined(MICROPY_PY_SYS_PLATFORM)
constexpr std::string_view platform(MICROPY_PY_SYS_PLATFORM);
constexpr bool is_stand_in = platform.starts_with("qemu") || platform == "WiPy";
#else
constexpr bool is_stand_in = false;
#endif

// Before 1.28 os.urandom() is the only way to a port's generator. This takes it from the firmware's
// own `os`, even if a script has replaced that module.
#if MICROPY_PY_OS_URANDOM
constexpr bool has_urandom = true;
[[maybe_unused]] void os_urandom(std::uint8_t* into, std::size_t count) {
    const mp_obj_t function =
        mp_obj_dict_get(MP_OBJ_FROM_PTR(mp_module_os.globals), MP_OBJ_NEW_QSTR(MP_QSTR_urandom));
    const mp_obj_t bytes = mp_call_function_1(function, MP_OBJ_NEW_SMALL_INT(count));
    mp_buffer_info_t random;
    mp_get_buffer_raise(bytes, &random, MP_BUFFER_READ);
    if (random.len != count) mp_raise_OSError(MP_EIO);
    std::memcpy(into, random.buf, count);
    ussl::wipe({static_cast<std::uint8_t*>(random.buf), count}); // they may become a key
}
#else
constexpr bool has_urandom = false;
#endif

// A template, so that a port without the function gets the text below as its compile error.
template<class Pointer>
bool port_random(Pointer into, std::size_t count) {
    static_assert((PortHasRandom<Pointer> || has_urandom) && !is_stand_in,
                  "no source of randomness: this port has neither mp_hal_get_random() nor "
                  "os.urandom(), or one that can be guessed. Write "
                  "bool board_random(void* into, size_t count) over the hardware's generator and "
                  "build with USSL_RANDOM=board_random");
    // An exception must not pass through the library's frames.
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) return false;
    if constexpr (PortHasRandom<Pointer>) {
        mp_hal_get_random(count, into);
    } else {
#if MICROPY_PY_OS_URANDOM
        if (count != 0) os_urandom(into, count);
#endif
    }
    nlr_pop();
    return true;
}

bool random_bytes(void*, MutableBytes out) { return port_random(out.data(), out.size()); }

#endif

#if defined(USSL_TIME)

bool unix_time(void*, UnixTime* out) { return USSL_TIME(out); }

#elif USSL_HOSTED

bool unix_time(void*, UnixTime* out) { return posix_environment().now(nullptr, out); }

#else

// From the port's epoch to that of POSIX.
constexpr UnixTime epoch = MICROPY_EPOCH_IS_1970 ? 0 : 946684800; // 2000-01-01T00:00:00Z

#ifndef mp_hal_time_ns
// A port may have no clock: then it counts as not set.
#pragma weak mp_hal_time_ns
bool has_clock() { return &mp_hal_time_ns != nullptr; }
#else
bool has_clock() { return true; }
#endif

// Long division: libgcc's 64-bit division links unwinding tables, for which the linker scripts of
// some ports have no section.
UnixTime seconds_of(std::uint64_t nanoseconds) {
    constexpr std::uint64_t second = 1000000000;
    UnixTime seconds = 0;
    for (int bit = 33; bit >= 0; --bit) {
        if (nanoseconds < second << bit) continue;
        nanoseconds -= second << bit;
        seconds += UnixTime{1} << bit;
    }
    return seconds;
}

bool unix_time(void*, UnixTime* out) {
    if (!has_clock()) return false;
    *out = seconds_of(mp_hal_time_ns()) + epoch;
    return true;
}

#endif

std::uint32_t milliseconds(void*) { return static_cast<std::uint32_t>(mp_hal_ticks_ms()); }

constinit const Environment port{nullptr, random_bytes, unix_time, milliseconds};

} // namespace

const Environment& environment() { return port; }

} // namespace ussl::binding
