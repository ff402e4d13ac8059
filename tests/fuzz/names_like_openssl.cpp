// Whether a certificate is valid for a host: core's answer and OpenSSL's, for random names made of
// interesting parts. If they differ, the difference must be one of those listed here.
//
//   names_like_openssl [ROUNDS [SEED]]
#include "ussl/x509/identity.hpp"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <strings.h>

using namespace ussl;

namespace {

std::mt19937 generator;
unsigned any(std::size_t below) { return static_cast<unsigned>(generator() % below); }

std::string label() {
    static const char* const labels[] = {
        "a",  "b", "A",   "test", "example", "*", "*a", "a*", "**", "xn--bcher-kva",
        "_x", "-", "a-b", "1",    "127",     ""};
    return labels[any(std::size(labels))];
}

std::string name(bool presented) {
    std::string text;
    for (unsigned i = 0, count = 1 + any(4); i < count; ++i) {
        if (i != 0) text += '.';
        std::string part = label();
        if (!presented && part.find('*') != std::string::npos) part = "w";
        text += part;
    }
    if (any(12) == 0) text += '.';
    if (presented && any(40) == 0) text += '\0';
    if (presented && any(8) == 0) text.insert(0, "*.");
    return text;
}

std::string address() {
    static const std::string addresses[] = {{"\x7f\0\0\1", 4},
                                            {"\x7f\0\0\2", 4},
                                            {"\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16},
                                            {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16},
                                            {"\x7f\0\0", 3},
                                            {"\x7f\0\0\0\xff\0\0\0", 8}};
    return addresses[any(std::size(addresses))];
}

struct Name {
    unsigned tag;
    std::string value;
};

std::string general_names(const std::vector<Name>& names) {
    std::string der;
    for (const Name& n : names) {
        der += static_cast<char>(0x80 | n.tag);
        der += static_cast<char>(n.value.size());
        der += n.value;
    }
    return der;
}

X509* certificate_with(const std::string& names) {
    std::string sequence{'\x30'};
    if (names.size() >= 128) sequence += '\x81';
    sequence += static_cast<char>(names.size());
    sequence += names;
    X509* x = X509_new();
    ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, reinterpret_cast<const unsigned char*>(sequence.data()),
                          static_cast<int>(sequence.size()));
    X509_EXTENSION* extension =
        X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    return x;
}

// Why OpenSSL may accept what core refuses; null: it may not.
const char* openssl_is_looser(const std::vector<Name>& names, const std::string& host) {
    for (const Name& n : names) {
        if (n.tag != 2) continue;
        if (host.ends_with('.') && strcasecmp(n.value.c_str(), host.c_str()) == 0)
            return "a trailing dot on both sides";
        const std::size_t star = n.value.find('*');
        if (star == std::string::npos) continue;
        if (n.value.find('.') != 1 || star != 0) return "part of a label as a wildcard";
    }
    return nullptr;
}

// Why core may accept what OpenSSL refuses.
const char* core_is_looser(const std::vector<Name>& names, const std::string& host) {
    const std::string reference = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    if (reference != host) return "the reference's trailing dot";
    const std::string first = reference.substr(0, reference.find('.'));
    for (const Name& n : names) {
        if (!n.value.starts_with("*.")) continue;
        if (first.find('_') != std::string::npos) return "underscores under a wildcard";
        if (first.starts_with("xn--")) return "A-labels under a wildcard";
        if (reference.starts_with('-') || reference.find("-.") != std::string::npos ||
            reference.find(".-") != std::string::npos || reference.ends_with('-') ||
            n.value.find('_') != std::string::npos)
            return "labels that are no host names, under a wildcard";
    }
    return nullptr;
}

} // namespace

int main(int argc, char** argv) {
    const long rounds = argc > 1 ? std::atol(argv[1]) : 200000;
    generator.seed(argc > 2 ? static_cast<unsigned>(std::atol(argv[2])) : 1);
    long passed = 0, failed = 0;
    std::map<std::string, long> explained;
    for (long round = 0; round < rounds; ++round) {
        std::vector<Name> names;
        for (unsigned i = 0, count = any(4); i < count; ++i)
            names.push_back(any(4) != 0 ? Name{2, name(true)} : Name{7, address()});
        const std::string san = general_names(names);
        if (san.empty()) continue; // OpenSSL looks at the common name then
        PeerIdentity peer;
        const std::string ip = any(4) == 0 ? address() : "";
        std::string host = ip.empty() ? name(false) : "";
        // Often one of the names that are there, or below one.
        if (ip.empty() && any(2) == 0 && names.front().tag == 2) {
            host = names.front().value.c_str();
            if (host.starts_with("*")) host = "w" + host.substr(1);
        }
        if (ip.size() != 4 && ip.size() != 16 && !x509::is_dns_name(host)) continue;
        if (ip.empty())
            peer.dns_name = host;
        else
            peer.ip_address = as_bytes(ip);
        const bool ours = x509::matches(as_bytes(san), peer);
        X509* x = certificate_with(san);
        const bool theirs =
            ip.empty() ? X509_check_host(x, host.data(), host.size(),
                                         X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1
                       : X509_check_ip(x, reinterpret_cast<const unsigned char*>(ip.data()),
                                       ip.size(), 0) == 1;
        X509_free(x);
        const char* why = ours == theirs ? ""
                          : theirs       ? openssl_is_looser(names, host)
                                         : core_is_looser(names, host);
        if (why == nullptr) {
            ++failed;
            std::printf("FAILED round %ld: host %s, core %d, openssl %d, names:", round,
                        host.c_str(), ours, theirs);
            for (const Name& n : names)
                std::printf(" %u:%s", n.tag, n.value.c_str());
            std::printf("\n");
        } else {
            ++passed;
            if (*why != '\0') ++explained[why];
        }
    }
    for (const auto& [why, count] : explained)
        std::printf("%8ld differ for: %s\n", count, why.c_str());
    std::printf("%ld passed, %ld failed\n", passed, failed);
    return failed != 0;
}
