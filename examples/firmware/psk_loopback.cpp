// Client and server on one board, in memory, with a pre-shared key: over a stream and over
// datagrams.
#include "loopback.hpp"

namespace {

constexpr ussl::Capabilities capabilities = ussl::selected::capabilities;

bool find_key(void*, ussl::Bytes identity, ussl::Bytes* key) {
    *key = material::psk;
    return ussl::equal(identity, material::psk_identity);
}

// The board's, and a clock for retransmissions.
ussl::Environment environment() {
    ussl::Environment with_clock = board::environment();
    with_clock.milliseconds = [](void*) { return board::instructions() / 25000; }; // at 25 MHz
    return with_clock;
}

struct Case {
    std::string_view what;
    ussl::PreSharedKey psk; // the client's
    bool datagram;
    std::uint16_t suite; // 0: the first one
    ussl::Err expected;  // on the server
};

void run(const Case& a_case) {
    const std::uint16_t suites[] = {a_case.suite};
    ussl::ContextConfig config;
    config.datagram = a_case.datagram;
    if (a_case.suite != 0) config.suites = suites;
    config.psk = a_case.psk;
    static const ussl::Environment with_clock = environment();
    ussl::Error error = client_context.open(config, with_clock);
    config.psk = {};
    config.role = ussl::Role::server;
    config.psk_callback = {nullptr, find_key};
    if (error.code == ussl::Err::none) error = server_context.open(config, with_clock);
    if (error.code == ussl::Err::none)
        error = server.open(server_context, {.client_id = ussl::as_bytes("client")});
    if (error.code == ussl::Err::none) error = client.open(client_context, {});

    Side client_side{client}, server_side{server};
    heap::forget_peak();
    const bool through = error.code == ussl::Err::none && shake_hands(client_side, server_side);
    if (error.code == ussl::Err::none) error = server.error();
    if (through && a_case.suite != 0) check("the suite", client.suite() == a_case.suite);
    conclude(a_case.what,
             error.code == a_case.expected && through == (a_case.expected == ussl::Err::none),
             through, client_side, server_side);
}

} // namespace

int main() {
    using namespace material;
    using ussl::Err;
    ussl::set_allocator(heap::allocator);
    board::paint_stack();
    std::uint8_t other[sizeof psk];
    std::fill(std::begin(other), std::end(other), std::uint8_t{'x'});
    run({"the key is accepted", {psk_identity, psk}, false, 0, Err::none});
    check("heap within its limit", heap::use().peak <= USSL_HEAP_LIMIT);
    run({"another key is refused", {psk_identity, other}, false, 0, Err::unknown_psk});
    run({"another identity is refused", {other, psk}, false, 0, Err::unknown_psk});
    run({"TLS_PSK_WITH_AES_128_GCM_SHA256", {psk_identity, psk}, false, 0x00a8, Err::none});
    if constexpr (capabilities.aes_ccm) {
        run({"TLS_PSK_WITH_AES_128_CCM_8", {psk_identity, psk}, false, 0xc0a8, Err::none});
        if constexpr (capabilities.ecdhe_psk_aes)
            run({"TLS_ECDHE_PSK_WITH_AES_128_CCM_8",
                 {psk_identity, psk},
                 false,
                 0xd003,
                 Err::none});
    }
    if constexpr (capabilities.dtls)
        run({"the key is accepted over datagrams", {psk_identity, psk}, true, 0, Err::none});
    finish();
}
