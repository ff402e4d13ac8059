// Between common.cpp and the file of a board.
#pragma once

#include <cstdint>

namespace board {

// Memory as a program expects it, then main(). The board's file calls it with the stack set up.
[[noreturn]] void start();

// What a board has to have.
void start_devices();
// The console; on real hardware a debugger serves it.
int semihosting(int operation, const void* argument);
// The first serial line.
bool can_receive();
std::uint8_t receive();
bool can_send();
void send(std::uint8_t byte);

} // namespace board
