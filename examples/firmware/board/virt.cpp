// QEMU's RISC-V board `virt`, started without firmware: -bios none.
#include "board.hpp"
#include "start.hpp"

extern "C" {
void reset();
void started();
}

namespace {

// NS16550A UART.
struct Uart {
    volatile std::uint8_t data, interrupt, fifo, line, modem, state;
};
Uart& uart() { return *reinterpret_cast<Uart*>(0x10000000); }
constexpr std::uint8_t received = 1, transmit_empty = 0x20;

__attribute__((aligned(4))) void unexpected() { board::exit(false); }

} // namespace

__attribute__((section(".vectors"), naked)) void reset() {
    asm volatile("la sp, stack_top\n"
                 "j started");
}

__attribute__((used)) void started() {
    asm volatile(".option arch, +zicsr\n"
                 "csrw mtvec, %0" ::"r"(&unexpected));
    board::start();
}

namespace board {

void start_devices() { uart().fifo = 1; }

// The two instructions about `ebreak` tell it from a breakpoint.
int semihosting(int operation, const void* argument) {
    register int a0 asm("a0") = operation;
    register const void* a1 asm("a1") = argument;
    asm volatile(".option push\n"
                 ".option norvc\n"
                 ".balign 16\n" // all on one page
                 "slli zero, zero, 0x1f\n"
                 "ebreak\n"
                 "srai zero, zero, 7\n"
                 ".option pop"
                 : "+r"(a0)
                 : "r"(a1)
                 : "memory");
    return a0;
}

// With -icount shift=6 QEMU counts 2^6 cycles for an instruction.
std::uint32_t instructions() {
    std::uint32_t high, low, again;
    do
        asm volatile(".option arch, +zicsr\n"
                     "csrr %0, mcycleh\n"
                     "csrr %1, mcycle\n"
                     "csrr %2, mcycleh"
                     : "=r"(high), "=r"(low), "=r"(again));
    while (high != again);
    return high << 26 | low >> 6;
}

bool can_receive() { return (uart().state & received) != 0; }
std::uint8_t receive() { return uart().data; }
bool can_send() { return (uart().state & transmit_empty) != 0; }
void send(std::uint8_t byte) { uart().data = byte; }

} // namespace board
