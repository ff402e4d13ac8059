// Randomness, time and a count of milliseconds for MicroPython's QEMU port, which has none. NOT FOR A
// PRODUCT: the first is a fixed sequence, the second stands still at BOARD_TIME, the third counts calls.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool board_random(void *into, size_t count);
bool board_time(int64_t *seconds_since_1970);
uintptr_t mp_hal_ticks_ms(void);

bool board_random(void *into, size_t count) {
    static uint32_t state = 0x12345678;
    for (uint8_t *at = into; count != 0; --count) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5; // xorshift32
        *at++ = (uint8_t)(state >> 24);
    }
    return true;
}

bool board_time(int64_t *seconds_since_1970) {
    *seconds_since_1970 = BOARD_TIME;
    return true;
}

uintptr_t mp_hal_ticks_ms(void) {
    static uintptr_t calls;
    return ++calls;
}
