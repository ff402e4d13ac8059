/* What neighbours.cpp needs from another copy of a library. */
#ifndef FOREIGN_H
#define FOREIGN_H
#include <stddef.h>

struct foreign_flight {
    unsigned char first[6]; /* of the sent bytes */
    size_t size;
};

#ifdef __cplusplus
extern "C" {
#endif
/* Returns the SHA-256 of "abc", and a client's first flight. NULL: it worked; otherwise what failed. */
const char* foreign_works(unsigned char digest[32], struct foreign_flight* flight);
void foreign_sent(void* flight, const unsigned char* bytes, size_t count);
#ifdef __cplusplus
}
#endif
#endif
