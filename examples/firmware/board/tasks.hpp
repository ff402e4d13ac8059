// Tasks that take turns whether they like it or not, and a lock between them: what an RTOS has.
// tasks.cpp is a stand-in for one, freertos.cpp is FreeRTOS.
#pragma once

#include <cstdint>

namespace tasks {

inline constexpr unsigned count = 2;

// Runs `work` in each task with its number, and `finished` when all of them are through. Does not
// return.
[[noreturn]] void run(void (*work)(unsigned), void (*finished)());

// Recursive; as ussl::Locks wants them.
void lock(void*);
void unlock(void*);

// How often a task had to wait for the lock.
std::uint32_t waits();

} // namespace tasks
