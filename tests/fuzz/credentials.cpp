// Certificates and keys as a caller gives them, in place of those of p256: opening a context says
// which is wrong, or works. Input: a byte that says what is replaced (1: the certificate, 2: the
// key, 4: the trust anchor; 8: of a client), then the replacement.
#include "support/material.hpp"

#include "ussl/selected_backend.hpp"

#include <cstdlib>

using namespace ussl;
using namespace ussl::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // Of its own size, so that reading behind it is found.
    const Blob copy(data + 1, data + size);
    const Bytes replacement(copy);
    ContextConfig config;
    config.role = (data[0] & 8) != 0 ? Role::client : Role::server;
    std::vector<Bytes> chain(credential("p256").chain.begin(), credential("p256").chain.end());
    std::vector<Bytes> trusted(anchors({"ca"}).begin(), anchors({"ca"}).end());
    config.credential.private_key = credential("p256").private_key;
    if ((data[0] & 1) != 0) chain[0] = replacement;
    if ((data[0] & 2) != 0) config.credential.private_key = replacement;
    if ((data[0] & 4) != 0) trusted[0] = replacement;
    config.credential.chain = chain;
    config.trust_anchors = trusted;
    static selected::Context context;
    const Err error = context.open(config, posix_environment()).code;
    switch (error) {
    case Err::none:
    case Err::bad_certificate:
    case Err::bad_private_key:
    case Err::key_mismatch:
    case Err::no_private_key:
    case Err::no_trust_anchors:
    case Err::weak_key:
    case Err::not_valid_now:
    case Err::unsupported: break;
    default: std::fprintf(stderr, "error %d\n", static_cast<int>(error)); std::abort();
    }
    context.close();
    return 0;
}
