/* board.hpp for C. */
#ifndef BOARD_H
#define BOARD_H

#include <ussl.h>

#ifdef __cplusplus
extern "C" {
#endif

void board_print(const char *text, size_t size);
void board_print_number(uint32_t number);
void board_exit(bool good);
const ussl_environment *board_environment(void);

/* The serial line. It waits for bytes. */
ussl_transport board_serial_line(void);

/* The heap, for libraries that need one. */
void board_use_heap(void);

/* The client's trust anchor: made with the firmware; the server has the key. */
ussl_bytes board_authority(void);

#ifdef __cplusplus
}
#endif

#endif
