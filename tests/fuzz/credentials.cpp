// A caller's certificates and keys: opening a context works, or says which one is wrong.
// Input: a byte that says what to replace in the credential p256 (1: the certificate, 2: the key,
// 4: the trust anchor; 8: a client's), then the replacement. Or (16) the number of a row of
// own_keys.py, and two bytes for the place in its key that the rest of the input changes: a good
// key that is still accepted must have its original numbers (a bad one may become good).
#include "support/material.hpp"

#include "ussl/selected_backend.hpp"
#include "ussl/x509/private_key.hpp"

#include <cstdio>
#include <cstdlib>

using namespace ussl;
using namespace ussl::test;

namespace {

Err open(const ContextConfig& config) {
    static selected::Context context;
    const Err error = context.open(config, posix_environment()).code;
    context.close();
    switch (error) {
    case Err::none:
    case Err::bad_certificate:
    case Err::bad_private_key:
    case Err::encrypted_private_key:
    case Err::key_mismatch:
    case Err::no_private_key:
    case Err::no_trust_anchors:
    case Err::bad_trust_anchor:
    case Err::weak_key:
    case Err::not_valid_now:
    case Err::unsupported: return error;
    default: std::fprintf(stderr, "error %d\n", static_cast<int>(error)); std::abort();
    }
}

// The numbers that sign, as one, without leading zeros.
Blob numbers_of(const Bytes& der) {
    x509::PrivateKey key;
    x509::parse_private_key(der, key);
    Blob all;
    for (Bytes number :
         {key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient, key.scalar}) {
        while (!number.empty() && number.front() == 0)
            number = number.subspan(1);
        all.insert(all.end(), number.begin(), number.end());
    }
    return all;
}

void open_changed_row(const Bytes& input, ContextConfig config) {
    if (input.size() < 3) return;
    const OwnKey& row = own_keys()[input[0] % own_keys().size()];
    const Bytes given = row.credential.private_key;
    Blob key(given.begin(), given.end());
    std::size_t at = (input[1] * 256u + input[2]) % key.size();
    for (const std::uint8_t byte : input.subspan(3))
        key[at++ % key.size()] ^= byte;
    config.credential = row.credential;
    config.credential.private_key = key;
    if (open(config) == Err::none && row.opened == Err::none &&
        numbers_of(key) != numbers_of(given))
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // In a buffer of exactly its size, so that reads beyond it are found.
    const Blob copy(data + 1, data + size);
    const Bytes replacement(copy);
    ContextConfig config;
    config.role = (data[0] & 8) != 0 ? Role::client : Role::server;
    std::vector<Bytes> trusted(anchors({"ca"}).begin(), anchors({"ca"}).end());
    config.trust_anchors = trusted;
    if ((data[0] & 16) != 0) {
        open_changed_row(replacement, config);
        return 0;
    }
    std::vector<Bytes> chain(credential("p256").chain.begin(), credential("p256").chain.end());
    config.credential.private_key = credential("p256").private_key;
    if ((data[0] & 1) != 0) chain[0] = replacement;
    if ((data[0] & 2) != 0) config.credential.private_key = replacement;
    if ((data[0] & 4) != 0) trusted[0] = replacement;
    config.credential.chain = chain;
    open(config);
    return 0;
}
