/* What neighbours.cpp asks of another copy of a library. */
#ifndef FOREIGN_H
#define FOREIGN_H
#include <stddef.h>

struct foreign_flight {
    unsigned char first[6]; /* of what was sent */
    size_t size;
};

#ifdef __cplusplus
extern "C" {
#endif
/* The SHA-256 of "abc", and what a client sends first. NULL: it worked; else what did not. */
const char* foreign_works(unsigned char digest[32], struct foreign_flight* flight);
void foreign_sent(void* flight, const unsigned char* bytes, size_t count);
#ifdef __cplusplus
}
#endif
#endif
