// A stand-in for an RTOS, on Cortex-M3 and M4: after each tick it is the next task's turn.
#include "tasks.hpp"

#include <cstddef>

namespace {

using Word = std::uint32_t;

constexpr std::size_t stack_words = 10240; // 40 KB
constexpr unsigned nobody = ~0U;
constexpr Word ticks_of_a_turn = 10007;

// The program that called run() is one of them, the last: it waits for the others.
struct Task {
    Word* stack_pointer;
    volatile bool is_done;
};
constinit Task all[tasks::count + 1] = {};
constinit volatile unsigned current = tasks::count;
constinit volatile unsigned owner = nobody;
constinit unsigned depth = 0;
constinit std::uint32_t waited = 0;
alignas(8) Word stacks[tasks::count][stack_words];
alignas(8) Word stack_of_handlers[256];

volatile Word& system_register(Word address) { return *reinterpret_cast<volatile Word*>(address); }
volatile Word& interrupt_control() { return system_register(0xE000ED04); }
constexpr Word switch_is_due = 1U << 28; // PENDSVSET

void give_way() {
    interrupt_control() = switch_is_due;
    asm volatile("dsb\n isb" ::: "memory");
}

void end_of_task() {
    all[current].is_done = true;
    for (;;)
        give_way();
}

} // namespace

extern "C" {

Word* next_task(Word* stack_pointer);
Word* next_task(Word* stack_pointer) {
    all[current].stack_pointer = stack_pointer;
    do
        current = (current + 1) % (tasks::count + 1);
    while (all[current].is_done);
    return all[current].stack_pointer;
}

// PendSV: the processor has put half of the registers on the task's stack; this is the other half.
[[gnu::naked]] void on_switch();
void on_switch() {
    asm volatile("mrs r0, psp\n"
                 "stmdb r0!, {r4-r11}\n"
                 "bl next_task\n"
                 "ldmia r0!, {r4-r11}\n"
                 "msr psp, r0\n"
                 "mvn lr, #2\n" // to thread mode, on the task's stack
                 "bx lr\n");
}

void on_tick();
void on_tick() { interrupt_control() = switch_is_due; }
}

// Behind those of the board: from the eighth to SysTick's.
__attribute__((section(".more_vectors"), used)) static void (*const vectors[])() = {
    nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, on_switch, on_tick,
};

namespace tasks {

void run(void (*work)(unsigned), void (*finished)()) {
    for (unsigned number = 0; number != count; ++number) {
        Word* top = stacks[number] + stack_words;
        *--top = 0x01000000;                          // xPSR: Thumb
        *--top = reinterpret_cast<Word>(work) & ~1U;  // pc
        *--top = reinterpret_cast<Word>(end_of_task); // lr
        top -= 4;                                     // r12, r3, r2, r1
        *--top = number;                              // r0
        top -= 8;                                     // r11 to r4
        all[number].stack_pointer = top;
    }
    asm volatile("mov r0, sp\n"
                 "msr psp, r0\n"
                 "mov r0, #2\n"
                 "msr control, r0\n"
                 "isb\n"
                 "msr msp, %0\n" ::"r"(stack_of_handlers + 256)
                 : "r0", "memory");
    system_register(0xE000E014) = ticks_of_a_turn;
    system_register(0xE000E018) = 0;
    system_register(0xE000E010) = 7; // on, with its interrupt, at the processor's speed
    for (unsigned number = 0; number != count; ++number) {
        while (!all[number].is_done)
            give_way();
    }
    system_register(0xE000E010) = 0;
    finished();
    for (;;) {
    }
}

void lock(void*) {
    for (;;) {
        asm volatile("cpsid i" ::: "memory");
        const bool is_free = owner == nobody || owner == current;
        if (is_free) {
            owner = current;
            ++depth;
        } else {
            ++waited;
        }
        asm volatile("cpsie i" ::: "memory");
        if (is_free) return;
        give_way();
    }
}

void unlock(void*) {
    asm volatile("cpsid i" ::: "memory");
    if (--depth == 0) owner = nobody;
    asm volatile("cpsie i" ::: "memory");
}

std::uint32_t waits() { return waited; }

} // namespace tasks
