// Values that Mbed TLS computes from secrets and that are public: see tests/constant_time.
#include "constant_time/declassify.hpp"

using ussl::test::declassified;
using ussl::test::declassify;
using ussl::test::opened;
using ussl::test::Word;
using ussl::test::word_at;

// Whether two values are equal.
USSL_AROUND(mbedtls_ct_memcmp)(Word a, Word b, Word size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_WWW(result, original, a, b, size);
    return declassified(result);
}

// Decrypted and authentic.
USSL_AROUND(mbedtls_gcm_auth_decrypt)
(Word context, Word size, Word iv, Word iv_size, Word add, Word add_size, Word tag, Word tag_size,
 Word in, Word out) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_10W(result, original, context, size, iv, iv_size, add, add_size, tag, tag_size, in,
                  out);
    return opened(result, out, size);
}
USSL_AROUND(mbedtls_chachapoly_auth_decrypt)
(Word context, Word size, Word nonce, Word add, Word add_size, Word tag, Word in, Word out) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_8W(result, original, context, size, nonce, add, add_size, tag, in, out);
    return opened(result, out, size);
}

// A signature.
USSL_AROUND(mbedtls_ecdsa_write_signature_restartable)
(Word context, Word digest, Word hash, Word hash_size, Word signature, Word room, Word size,
 Word random, Word user, Word restart) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    Word result;
    CALL_FN_W_10W(result, original, context, digest, hash, hash_size, signature, room, size, random,
                  user, restart);
    declassify(size, sizeof(Word));
    declassify(signature, word_at(size));
    return declassified(result);
}
