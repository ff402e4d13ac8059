// Values that BearSSL computes from secrets and that are public: see tests/constant_time.
#include "constant_time/declassify.hpp"

using ussl::test::declassified;
using ussl::test::declassify;
using ussl::test::Word;
using ussl::test::word_at;

namespace {

Word open_record(OrigFn original, Word context, Word type, Word version, Word data, Word size) {
    Word opened;
    CALL_FN_W_5W(opened, original, context, type, version, data, size);
    opened = declassified(opened);
    if (opened != 0) declassify(opened, word_at(size));
    return opened;
}

Word sign(OrigFn original, Word implementation, Word hash_class, Word hash, Word key,
          Word signature) {
    Word size;
    CALL_FN_W_5W(size, original, implementation, hash_class, hash, key, signature);
    size = declassified(size);
    declassify(signature, size);
    return size;
}

} // namespace

// Decrypted and authentic.
USSL_AROUND(gcm_decrypt)(Word context, Word type, Word version, Word data, Word size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    return open_record(original, context, type, version, data, size);
}
USSL_AROUND(chapol_decrypt)(Word context, Word type, Word version, Word data, Word size) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    return open_record(original, context, type, version, data, size);
}

// A signature.
USSL_AROUND(br_ecdsa_i31_sign_asn1)
(Word implementation, Word hash_class, Word hash, Word key, Word signature) {
    OrigFn original;
    VALGRIND_GET_ORIG_FN(original);
    return sign(original, implementation, hash_class, hash, key, signature);
}
