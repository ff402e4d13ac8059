#include "board.h"

#include "board.hpp"
#include "heap.hpp"

#include "material.hpp"

namespace {

ussl_transport_result to_c(const ussl::TransportResult& result) {
    return {static_cast<ussl_moved>(result.kind), result.error, result.bytes};
}

} // namespace

void board_print(const char* text, std::size_t size) { board::print({text, size}); }
void board_print_number(std::uint32_t number) { board::print(number); }
void board_exit(bool good) { board::exit(good); }
const ussl_environment* board_environment(void) {
    return reinterpret_cast<const ussl_environment*>(&board::environment());
}
ussl_transport board_serial_line(void) {
    return {nullptr,
            [](void*, std::uint8_t* into, std::size_t size) {
                return to_c(board::SerialLine{}.read({into, size}));
            },
            [](void*, const std::uint8_t* from, std::size_t size) {
                return to_c(board::SerialLine{}.write({from, size}));
            }};
}
void board_use_heap(void) { ussl::set_allocator(heap::allocator); }
ussl_bytes board_authority(void) {
    return {std::data(material::authority), std::size(material::authority)};
}
