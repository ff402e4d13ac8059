#include "ussl/system_roots.hpp"

#include "ussl/backend/threads.hpp"
#include "ussl/features.hpp"
#include "ussl/pem.hpp"
#include "ussl/x509/trust_anchor.hpp"

#if USSL_ANCHOR_SOURCE

#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ussl {
namespace {

// Debian, Alpine and Arch; Fedora; openSUSE; macOS, OpenBSD; FreeBSD.
constexpr const char* places[] = {"/etc/ssl/certs/ca-certificates.crt",
                                  "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                                  "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem"};

Bytes map_file(const char* path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return {};
    Bytes contents;
    struct stat facts {};
    if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
        const auto size = static_cast<std::size_t>(facts.st_size);
        void* const memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (memory != MAP_FAILED) contents = {static_cast<const std::uint8_t*>(memory), size};
    }
    close(file);
    return contents;
}

Bytes map_roots() {
    if (const char* const chosen = std::getenv("SSL_CERT_FILE"); chosen != nullptr)
        return map_file(chosen);
    for (const char* const place : places)
        if (const Bytes contents = map_file(place); !contents.empty()) return contents;
    return {};
}

// Skips blocks that are damaged, larger than any root or no certificates: they hide no other root.
// A file that ends within a block ends the search.
bool find(void* user, const Bytes& name, unsigned number, x509::TrustAnchor& anchor) {
    static thread_local std::uint8_t der[8192];
    pem::Reader reader(*static_cast<const Bytes*>(user));
    pem::Block block;
    while (reader.next(block) == Err::none && !block.label.empty()) {
        if (block.label == "CERTIFICATE" && pem::decode(der, block) == Err::none &&
            equal(x509::subject_of(block.der), name) && x509::read_anchor(block.der, anchor) &&
            number-- == 0)
            return true;
    }
    return false;
}

// Set at the first call, without the compiler's guard, whose runtime a C program does not link.
constinit Mutex mutex;
constinit bool is_known = false;
constinit Bytes text;
constinit std::uint8_t version[4];
constinit const AnchorSource source{&text, find, version};

} // namespace

const AnchorSource* system_roots() {
    const Locked locked(mutex);
    if (!is_known) {
        text = map_roots();
        const std::uint32_t sum = crc32(text);
        std::memcpy(version, &sum, sizeof version);
        is_known = true;
    }
    return text.empty() ? nullptr : &source;
}

} // namespace ussl

#else

const ussl::AnchorSource* ussl::system_roots() { return nullptr; }

#endif
