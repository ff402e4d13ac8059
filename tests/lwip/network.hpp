// A network of one interface, on which lwIP talks to itself: its packets come back, in order, or
// are lost. Time passes only if there is nothing to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ussl::test::network {

// Starts again: drops packets in transit. One of `loss` packets is lost at random; 0: none.
void reset(unsigned loss = 0);

// Moves packets and time on until `done`. false: it did not happen within `seconds` of that time.
bool run_until(const std::function<bool()>& done, unsigned seconds = 120);
void run_for(unsigned seconds);

// While it is set, only acknowledgements arrive: longer packets are lost.
void cut(bool is_cut);

// Bytes of lwIP's heap and buffers of its pools that are in use.
struct Use {
    std::size_t heap, segments, buffers, layers;
    bool operator==(const Use&) const = default;
};
Use use();

inline constexpr std::uint8_t address[4] = {192, 0, 2, 1};

} // namespace ussl::test::network
