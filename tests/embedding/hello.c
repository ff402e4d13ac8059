/* hello.cpp in C. */
#include <ussl.h>

#include <stdio.h>

int main(void) {
    static ussl_context context;
    static ussl_session session;
    const ussl_config config = {USSL_CONFIG, .verify = USSL_VERIFY_NONE};
    const ussl_peer peer = {USSL_PEER, .sni = "test.example"};
    ussl_context_init(&context);
    if (ussl_context_open(&context, &config, ussl_posix_environment()).code != USSL_ERR_NONE) return 1;
    ussl_session_init(&session);
    if (ussl_session_open(&session, &context, &peer).code != USSL_ERR_NONE) return 2;
    ussl_session_handshake(&session);
    const ussl_bytes hello = ussl_session_output(&session);
    if (hello.size < 50 || hello.data[0] != 22 || hello.data[1] != 3) return 3;
    printf("%s: a ClientHello of %u bytes, server %d\n", ussl_backend_name(), (unsigned)hello.size, ussl_can("server"));
    return ussl_can("server") ? 4 : 0;
}
