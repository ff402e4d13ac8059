// Names: the first byte splits the input into a reference name and a subjectAltName.
#include "ussl/x509/identity.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace ussl;

namespace {

// How many bytes the address has that POSIX sees in `text`; it must be `expected` then.
std::size_t like_the_system(std::string_view text, const std::uint8_t* expected) {
    if (text.find('\0') != std::string_view::npos) return 0;
    const std::string terminated(text);
    std::uint8_t address[16];
    const bool ipv4 = inet_pton(AF_INET, terminated.c_str(), address) == 1;
    if (!ipv4 && inet_pton(AF_INET6, terminated.c_str(), address) != 1) return 0;
    const std::size_t size = ipv4 ? 4 : 16;
    if (std::memcmp(address, expected, size) != 0) std::abort();
    return size;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t split = 1 + data[0] % size;
    const std::string_view name(reinterpret_cast<const char*>(data) + 1, split - 1);
    const Bytes san(data + split, size - split);

    std::uint8_t address[16];
    const std::size_t address_size = x509::parse_ip_address(name, address);
    if (address_size != like_the_system(name, address)) std::abort();
    // An address is never a name, nor a name an address.
    if (address_size != 0 && x509::is_dns_name(name)) std::abort();

    PeerIdentity peer;
    if (address_size != 0)
        peer.ip_address = {address, address_size};
    else
        peer.dns_name = name;
    const bool match = x509::matches(san, peer);
    Bytes rest = san;
    unsigned names = 0;
    while (x509::next_alt_name(rest).kind != x509::AltName::Kind::none)
        ++names;
    if (match && names == 0) std::abort();
    return 0;
}
