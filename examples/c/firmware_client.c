/* examples/firmware/serial_client.cpp in C: a client on the board, over a serial line. It
 * sends a line and prints the answer. */
#include "board/board.h"

/* Static memory, of a size that the compiler knows. */
static ussl_context context;
static ussl_session session;
static ussl_pump pump;

static bool fail(ussl_error error) {
    board_print("error ", 6);
    board_print_number(error.code); /* ussl_message() has its text */
    board_print("\n", 1);
    return false;
}

static bool run(void) {
    board_use_heap();

    const ussl_bytes anchors[] = {board_authority()};
    ussl_config config = {USSL_CONFIG, .trust_anchors = anchors, .trust_anchor_count = 1};
    ussl_context_init(&context);
    ussl_error error = ussl_context_open(&context, &config, board_environment());
    if (error.code == USSL_ERR_UNSUPPORTED) { /* a build without verification */
        config.verify = USSL_VERIFY_NONE;
        error = ussl_context_open(&context, &config, board_environment());
    }
    if (error.code != USSL_ERR_NONE) return fail(error);
    const ussl_peer peer = {USSL_PEER, .sni = "test.example", .dns_name = "test.example"};
    ussl_session_init(&session);
    error = ussl_session_open(&session, &context, &peer);
    if (error.code != USSL_ERR_NONE) return fail(error);

    const ussl_transport line = board_serial_line();
    ussl_pump_init(&pump, &session, &line);
    if (ussl_pump_write(&pump, "hello\n", 6).status != USSL_OK)
        return fail(ussl_session_error(&session));
    char buffer[64];
    size_t count = 0;
    do { /* up to the end of the line */
        const ussl_pump_result got = ussl_pump_read(&pump, buffer + count, sizeof buffer - count);
        if (got.status != USSL_OK) return fail(ussl_session_error(&session));
        count += got.bytes;
    } while (buffer[count - 1] != '\n' && count != sizeof buffer);
    board_print(buffer, count);
    ussl_pump_close(&pump);
    ussl_session_release(&session);
    ussl_context_close(&context);
    return true;
}

int main(void) {
    board_exit(run());
    return 0;
}
