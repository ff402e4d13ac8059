/* What makers' headers have, ST's for one, and C++20 does not like: a port's -Werror must not stop the module on it. */
#ifndef __ASSEMBLER__
static inline unsigned maker_reads(volatile unsigned where) {
    register unsigned value = where;
    return value;
}
static inline void maker_adds(volatile unsigned *where) { *where += 1; }
#endif
