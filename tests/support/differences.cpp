#include "support/differences.hpp"

#include "backends_under_test.hpp"

namespace ussl::test {
namespace {

// In the order of Difference.
constexpr std::string_view names[] = {
    "unknown-groups-pass",
    "alert-level-counts",
    "plain-alert-is-unexpected",
    "unknown-psk-has-nothing-in-common",
    "psk-client-asks-for-certificates",
    "session-named-without-resumption",
    "sessions-by-id-only",
    "resumption-keeps-fragment-length",
    "message-header-in-one-record",
    "sends-what-it-takes",
    "arithmetic-allocates",
    "loses-blocks",
    "traffic-secrets-stay",
    "certificate-usage-is-checked",
    "psk-identities-end-at-nul",
    "suite-before-version",
    "server-names-are-checked",
    "clients-order-counts",
    "signer-for-all-or-none",
    "tls1.2-sees-no-versions",
    "datagrams-hold-less",
    "cookies-have-32-bytes",
    "limits-from-512-bytes",
    "fragments-before-limits",
};

// Removes the first word from `line`; empty at the line's end, and at the colon before the reason.
std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word == ":" ? std::string_view{} : word;
}

bool holds(const BackendUnderTest& backend, std::string_view line, Version version) {
    for (std::string_view word; !(word = next_word(line)).empty();) {
        const bool of_protocol = word.starts_with("TLS");
        if (of_protocol && version != Version::none && word != name_of(version)) return false;
        if (!of_protocol && !backend.backend().library_version().starts_with(word)) return false;
    }
    return true;
}

} // namespace

std::span<const std::string_view> difference_names() { return names; }

bool differs(const BackendUnderTest& backend, Difference what, Version version) {
    std::string_view text = backend.differences;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (next_word(line) == names[static_cast<unsigned>(what)] && holds(backend, line, version))
            return true;
    }
    return false;
}

} // namespace ussl::test
