// Root bundles: searching an open one never reads outside of it, and ends. Corpus: bundles of a few
// roots by tools/embed-roots --binary.
#include "ussl/root_bundle.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/trust_anchor.hpp"

#include <cstdlib>
#include <vector>

using namespace ussl;

static void search(const RootBundle& bundle, const Bytes& name) {
    const AnchorSource& source = bundle.source();
    unsigned number = 0;
    for (;; ++number) {
        x509::TrustAnchor anchor;
        if (!source.find(source.user, name, number, anchor)) break;
        x509::PublicKey key;
        if (!equal(anchor.certificate.subject, name) ||
            !x509::parse_public_key(anchor.certificate.subject_public_key, key))
            std::abort();
    }
    if (number > bundle.roots()) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t header_size = 20, size_at = 8, checksum_at = 16;
    std::vector<std::uint8_t> bytes(data, data + size);
    RootBundle as_it_is;
    if (as_it_is.open(bytes) == Err::none) search(as_it_is, {data, size});
    search(RootBundle(bytes), {}); // not checked at all
    if (size < header_size) return 0;
    // With its right size and checksum.
    for (unsigned i = 0; i < 4; ++i)
        bytes[size_at + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    const std::uint32_t sum =
        crc32(Bytes(bytes).subspan(header_size), crc32(Bytes(bytes).first(checksum_at)));
    for (unsigned i = 0; i < 4; ++i)
        bytes[checksum_at + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    RootBundle bundle;
    if (bundle.open(bytes) != Err::none) return 0;
    // Each part of the input is a possible name.
    for (std::size_t begin = 0; begin < size; begin += 1 + size / 64)
        for (const std::size_t length : {std::size_t{0}, std::size_t{13}, std::size_t{40}})
            if (begin + length <= size) search(bundle, {data + begin, length});
    return 0;
}
