// For the wrappers that valgrind puts around functions of a library: what they say is public from
// there on.
#pragma once

#include <cstddef>

#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>

namespace ussl::test {

using Word = unsigned long; // as valgrind passes arguments

inline void declassify(Word address, std::size_t size) {
    VALGRIND_MAKE_MEM_DEFINED(reinterpret_cast<const void*>(address), size);
}
inline Word declassified(Word value) {
    VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
    return value;
}
// What was opened into `out` is public, as is whether it was authentic.
inline Word opened(Word result, Word out, std::size_t size) {
    declassify(out, size);
    return declassified(result);
}
inline Word word_at(Word address) { return *reinterpret_cast<const Word*>(address); }
inline unsigned uint_at(Word address) { return *reinterpret_cast<const unsigned*>(address); }

} // namespace ussl::test

// Around the function of this name in the program, whatever stands in front of it (library-names'
// prefix).
#define USSL_AROUND(name) extern "C" ussl::test::Word I_WRAP_SONAME_FNNAME_ZZ(NONE, Za##name)
