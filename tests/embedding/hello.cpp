// The program that each way of embedding builds: the first flight of a client.
#include <ussl/selected_backend.hpp>

#include <cstdio>

int main() {
    static ussl::selected::Context context;
    static ussl::selected::Session session;
    ussl::ContextConfig config;
    config.verify = ussl::Verify::none;
    if (context.open(config, ussl::posix_environment()).code != ussl::Err::none) return 1;
    if (session.open(context, {.sni = "test.example"}).code != ussl::Err::none) return 2;
    session.handshake();
    const ussl::Bytes hello = session.output();
    if (hello.size() < 50 || hello[0] != 22 || hello[1] != 3) return 3;
    const std::string_view name = context.backend().name;
    std::printf("%.*s: a ClientHello of %zu bytes, server %d\n", static_cast<int>(name.size()),
                name.data(), hello.size(), context.backend().capabilities.server);
    return context.backend().capabilities.server ? 4 : 0; // the profile `client` was asked for
}
