/* lwIP's definitions for this machine. */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LWIP_PLATFORM_DIAG(x) \
    do { \
        printf x; \
    } while (0)
#define LWIP_PLATFORM_ASSERT(x) \
    do { \
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, x); \
        abort(); \
    } while (0)
#define LWIP_RAND() ((u32_t)rand())

#endif
