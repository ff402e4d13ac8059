// Preemptive tasks and a lock, as an RTOS has them.
// tasks.cpp is a stand-in for one, freertos.cpp is FreeRTOS.
#pragma once

#include <cstdint>

namespace tasks {

inline constexpr unsigned count = 2;

// Runs `work` in each task with its number, and `finished` when all of them have ended. Does not
// return.
[[noreturn]] void run(void (*work)(unsigned), void (*finished)());

// Recursive; for ussl::Locks.
void lock(void*);
void unlock(void*);

// How often a task had to wait for the lock.
std::uint32_t waits();

} // namespace tasks
