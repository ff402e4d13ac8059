// Values that wolfSSL computes from secrets and that are public: see tests/constant_time.
#include "constant_time/declassify.hpp"

using ussl::test::declassified;
using ussl::test::declassify;
using ussl::test::opened;
using ussl::test::uint_at;
using ussl::test::Word;

// Decrypted and authentic.
USSL_AROUND(wc_AesGcmDecrypt)
(Word aes, Word out, Word in, Word size, Word iv, Word iv_size, Word tag, Word tag_size, Word add,
 Word add_size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_10W(result, original, aes, out, in, size, iv, iv_size, tag, tag_size, add, add_size);
    return opened(result, out, size & 0xffff);
}
USSL_AROUND(ChachaAEADDecrypt)(Word session, Word plain, Word input, Word size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_WWWW(result, original, session, plain, input, size);
    return opened(result, plain, size & 0xffff);
}
USSL_AROUND(DecryptTls13)
(Word session, Word output, Word input, Word size, Word add, Word add_size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_6W(result, original, session, output, input, size, add, add_size);
    return opened(result, output, size & 0xffff);
}

// A signature.
USSL_AROUND(wc_ecc_sign_hash)
(Word hash, Word hash_size, Word signature, Word size, Word random, Word key) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_6W(result, original, hash, hash_size, signature, size, random, key);
    declassify(size, sizeof(unsigned));
    declassify(signature, uint_at(size));
    return declassified(result);
}

// A ticket that a server has decrypted: its version and suite are public. memcheck loses track of
// its secret together with them.
USSL_AROUND(DefTicketEncCb)
(Word session, Word name, Word iv, Word mac, Word encrypts, Word ticket, Word size, Word new_size,
 Word context) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_9W(result, original, session, name, iv, mac, encrypts, ticket, size, new_size,
                 context);
    declassify(new_size, sizeof(unsigned));
    declassify(ticket, uint_at(new_size));
    return declassified(result);
}
