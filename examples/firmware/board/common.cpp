// What is the same on each emulated board.
#include "board.hpp"

#include "material.hpp"
#include "start.hpp"

extern "C" {
extern std::uint32_t data_start[], data_end[], bss_start[], bss_end[], stack_bottom[], stack_top[];
extern const std::uint32_t data_source[];
extern void (*constructors_start[])();
extern void (*constructors_end[])();
int main();
}

namespace {

constexpr std::uint32_t pattern = 0x5aa5c33c;

bool fixed_bytes(void*, ussl::MutableBytes out) {
    static constinit std::uint32_t state = 0x12345678;
    for (std::uint8_t& byte : out) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5; // xorshift32
        byte = static_cast<std::uint8_t>(state >> 24);
    }
    return true;
}

bool fixed_time(void*, ussl::UnixTime* out) {
    *out = material::now;
    return true;
}

constinit const ussl::Environment fixed{nullptr, fixed_bytes, fixed_time};

} // namespace

namespace board {

void start() {
    const std::uint32_t* from = data_source;
    for (std::uint32_t* to = data_start; to != data_end;)
        *to++ = *from++;
    for (std::uint32_t* to = bss_start; to != bss_end;)
        *to++ = 0;
    for (auto constructor = constructors_start; constructor != constructors_end; ++constructor)
        (*constructor)();
    start_devices();
    main();
    exit(true);
}

void print(std::string_view text) {
    char piece[64];
    while (!text.empty()) {
        const std::size_t count = text.copy(piece, sizeof piece - 1);
        piece[count] = '\0';
        semihosting(4, piece); // SYS_WRITE0
        text.remove_prefix(count);
    }
}

void print(std::uint32_t number) {
    char text[10];
    std::size_t at = sizeof text;
    do
        text[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    print({text + at, sizeof text - at});
}

void exit(bool good) {
    // SYS_EXIT with ADP_Stopped_ApplicationExit, or with another reason.
    semihosting(0x18, reinterpret_cast<const void*>(good ? 0x20026 : 0x20023));
    for (;;) {
    }
}

void paint_stack() {
    const std::uint32_t* const here = static_cast<const std::uint32_t*>(__builtin_frame_address(0));
    for (std::uint32_t* at = stack_bottom; at < here - 16; ++at)
        *at = pattern;
}

std::size_t stack_peak() {
    const std::uint32_t* at = stack_bottom;
    while (at < stack_top && *at == pattern)
        ++at;
    return static_cast<std::size_t>(stack_top - at) * sizeof *at;
}

const ussl::Environment& environment() { return fixed; }

ussl::TransportResult SerialLine::read(ussl::MutableBytes into) {
    std::size_t count = 0;
    while (count == 0 || (count < into.size() && can_receive())) {
        while (!can_receive()) {
        }
        into[count++] = receive();
    }
    return {ussl::TransportResult::Kind::moved, count};
}

ussl::TransportResult SerialLine::write(ussl::Bytes from) {
    for (const std::uint8_t byte : from) {
        while (!can_send()) {
        }
        send(byte);
    }
    return {ussl::TransportResult::Kind::moved, from.size()};
}

} // namespace board
