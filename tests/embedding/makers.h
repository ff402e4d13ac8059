/* As in some makers' headers, such as ST's: C++20 warns about it, and a port's -Werror must not stop the module. */
#ifndef __ASSEMBLER__
static inline unsigned maker_reads(volatile unsigned where) {
    register unsigned value = where;
    return value;
}
static inline void maker_adds(volatile unsigned *where) { *where += 1; }
#endif
