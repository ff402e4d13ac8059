// One program with two copies of a library: ours, below ussl, does a handshake with itself; the
// system's copy hashes and begins a handshake. neighbours.py links it in every way.
#include "foreign.h"
#include "material.hpp"

#include <ussl/selected_backend.hpp>

#include <algorithm>
#include <cstdio>

namespace {

ussl::selected::Context client_context, server_context;
ussl::selected::Session client, server;

void move(ussl::Session& from, ussl::Session& to) {
    for (;;) {
        const ussl::Bytes waiting = from.output();
        const ussl::MutableBytes space = to.input_space();
        const std::size_t count = std::min(waiting.size(), space.size());
        if (count == 0) return;
        std::copy_n(waiting.begin(), count, space.begin());
        from.output_consume(count);
        to.input_commit(count);
    }
}

// Err::none: both sides have completed.
ussl::Err ours() {
    const ussl::Bytes anchors[] = {material::authority};
    const ussl::Bytes chain[] = {material::good};
    ussl::ContextConfig config;
    config.trust_anchors = anchors;
    ussl::Error error = client_context.open(config, ussl::posix_environment());
    config = {};
    config.role = ussl::Role::server;
    config.verify = ussl::Verify::none;
    config.credential = {.chain = chain, .private_key = material::good_key, .signer = {}};
    if (error.code == ussl::Err::none)
        error = server_context.open(config, ussl::posix_environment());
    if (error.code == ussl::Err::none) error = server.open(server_context, {});
    if (error.code == ussl::Err::none)
        error = client.open(client_context, {.sni = "test.example", .dns_name = "test.example"});
    if (error.code != ussl::Err::none) return error.code;
    for (int flights = 0; flights < 20; ++flights) {
        client.handshake();
        move(client, server);
        server.handshake();
        move(server, client);
    }
    if (client.error().code != ussl::Err::none) return client.error().code;
    if (server.error().code != ussl::Err::none) return server.error().code;
    return client.is_established() && server.is_established() ? ussl::Err::none
                                                              : ussl::Err::internal;
}

} // namespace

extern "C" void foreign_sent(void* to, const unsigned char* bytes, std::size_t count) {
    auto* flight = static_cast<foreign_flight*>(to);
    for (std::size_t i = 0; i < count; ++i, ++flight->size)
        if (flight->size < sizeof flight->first) flight->first[flight->size] = bytes[i];
}

int main() {
    static constexpr std::uint8_t expected[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                                0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                                0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                                0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    std::uint8_t digest[32];
    foreign_flight flight{};
    // Each before the other, and after it.
    for (int round = 0; round < 2; ++round) {
        if (const char* complaint = foreign_works(digest, &flight)) {
            std::printf("the other copy: %s\n", complaint);
            return 1;
        }
        if (!std::equal(digest, digest + 32, expected))
            return std::puts("the other copy hashes wrong"), 1;
        const bool hello = flight.size > 50 && flight.first[0] == 22 && flight.first[5] == 1;
        if (!hello) return std::puts("the other copy sends no ClientHello"), 1;
        flight = {};
        if (round > 0) break;
        if (const ussl::Err code = ours(); code != ussl::Err::none) {
            std::printf("ours: %d\n", static_cast<int>(code));
            return 1;
        }
    }
    const std::string_view version = client_context.backend().library_version();
    std::printf("both work, ours is %.*s\n", static_cast<int>(version.size()), version.data());
    return 0;
}
