// Arm's MPS2 boards in QEMU: mps2-an385 (Cortex-M3), mps2-an386 (Cortex-M4), mps2-an505
// (Cortex-M33).
#include "board.hpp"
#include "start.hpp"

extern "C" {
extern std::uint32_t stack_top[];
void reset();
}

namespace {

void unexpected() { board::exit(false); }

#if __ARM_ARCH >= 8 // secure, where the processor starts; 20 MHz
constexpr std::uint32_t timer_address = 0x50000000, uart_address = 0x50200000, tick_ns = 50;
#else
constexpr std::uint32_t timer_address = 0x40000000, uart_address = 0x40004000, tick_ns = 40;
#endif

// CMSDK timer, counting down.
struct Timer {
    volatile std::uint32_t control, value, reload;
};
Timer& timer() { return *reinterpret_cast<Timer*>(timer_address); }

// CMSDK UART.
struct Uart {
    volatile std::uint32_t data, state, control, interrupt, divider;
};
Uart& uart() { return *reinterpret_cast<Uart*>(uart_address); }
constexpr std::uint32_t transmit_full = 1, receive_full = 2;

} // namespace

// The initial stack pointer, then where the processor begins, then its faults.
__attribute__((section(".vectors"), used)) static void (*const vectors[])() = {
    reinterpret_cast<void (*)()>(stack_top),
    reset,
    unexpected,
    unexpected,
    unexpected,
    unexpected,
    unexpected,
};

void reset() { board::start(); }

namespace board {

void start_devices() {
    timer().reload = 0xffffffff;
    timer().value = 0xffffffff;
    timer().control = 1;
    uart().divider = 16;
    uart().control = 3; // receive, transmit
}

int semihosting(int operation, const void* argument) {
    register int r0 asm("r0") = operation;
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

// An instruction takes 2^6 ns. The timer is 32 bits wide: what it has gone round is counted here,
// by calls that come often enough.
std::uint32_t instructions() {
    static constinit std::uint32_t last = 0, rounds = 0;
    const std::uint32_t ticks = ~timer().value;
    if (ticks < last) ++rounds;
    last = ticks;
    return static_cast<std::uint32_t>((std::uint64_t{rounds} << 32 | ticks) * tick_ns / 64);
}

bool can_receive() { return (uart().state & receive_full) != 0; }
std::uint8_t receive() { return static_cast<std::uint8_t>(uart().data); }
bool can_send() { return (uart().state & transmit_full) == 0; }
void send(std::uint8_t byte) { uart().data = byte; }

} // namespace board
