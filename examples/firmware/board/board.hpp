// The functions of a board for the examples: start-up, a console, a serial line, a count of
// instructions, and the depth of the stack. mps2.cpp has them for the boards that QEMU emulates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <ussl/environment.hpp>
#include <ussl/pump.hpp>

namespace board {

void print(std::string_view text);
void print(std::uint32_t number);
[[noreturn]] void exit(bool good);

// Instructions since the start, modulo 2^32 (QEMU with -icount shift=6).
std::uint32_t instructions();

// Fills the unused part of the stack with a pattern, and later returns how much of it was
// overwritten.
void paint_stack();
std::size_t stack_peak();

// Randomness and time. NOT FOR A PRODUCT: the emulated board has neither, so the first is a fixed
// sequence and the second stands still. A real board reads its generator and its clock here.
const ussl::Environment& environment();

// The first serial line, as a transport for ussl::Pump. Waits for bytes.
struct SerialLine {
    ussl::TransportResult read(ussl::MutableBytes into);
    ussl::TransportResult write(ussl::Bytes from);
};

} // namespace board
