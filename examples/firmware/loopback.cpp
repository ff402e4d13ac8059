// Client and server on one board, in memory: which peers are accepted, and the costs.
#include "loopback.hpp"

namespace {

struct Case {
    std::string_view what;
    ussl::Bytes certificate, key;
    std::string_view name;
    ussl::Err expected;
};

void run(const Case& a_case) {
    const ussl::Bytes anchors[] = {material::authority};
    const ussl::Bytes chain[] = {a_case.certificate};

    ussl::ContextConfig config;
    config.trust_anchors = anchors;
    ussl::Error error = client_context.open(config, board::environment());
    config = {};
    config.role = ussl::Role::server;
    config.verify = ussl::Verify::none;
    config.policy.check_time = false; // the client refuses expired certificates
    config.credential = {chain, a_case.key};
    if (error.code == ussl::Err::none) error = server_context.open(config, board::environment());
    if (error.code == ussl::Err::none) error = server.open(server_context, {});
    if (error.code == ussl::Err::none)
        error = client.open(client_context, {.sni = "test.example", .dns_name = a_case.name});

    Side client_side{client}, server_side{server};
    heap::forget_peak();
    const bool through = error.code == ussl::Err::none && shake_hands(client_side, server_side);
    if (error.code == ussl::Err::none) error = client.error();
    conclude(a_case.what,
             error.code == a_case.expected && through == (a_case.expected == ussl::Err::none),
             through, client_side, server_side);
}

} // namespace

int main() {
    using namespace material;
    ussl::set_allocator(heap::allocator);
    board::paint_stack();
    run({"a good chain is accepted", good, good_key, "test.example", ussl::Err::none});
    check("heap within its limit", heap::use().peak <= USSL_HEAP_LIMIT);
    run({"an expired certificate is refused", expired, expired_key, "test.example",
         ussl::Err::expired});
    run({"another host's certificate is refused", good, good_key, "other.example",
         ussl::Err::wrong_host});
    run({"an untrusted certificate is refused", untrusted, untrusted_key, "test.example",
         ussl::Err::untrusted});
    finish();
}
