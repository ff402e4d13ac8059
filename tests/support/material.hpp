// The certificates and keys that tests/certs/make.py has made.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {

using Blob = std::vector<std::uint8_t>;

// A file of the directory. Stops the program if it is missing.
const Blob& file(const std::string& name);

// The DER blocks of a PEM file.
std::vector<Blob> from_pem(const std::string& name);

// A leaf with its chain and its key, read once for each name and form of the key ("", ".trad").
const Credential& credential(const std::string& name, const std::string& key_form = "");

// A row of own_keys.py: a private key for a certificate, and the expected results.
struct OwnKey {
    std::string name;
    Credential credential;  // the certificate, and that of its issuer
    Err read = Err::none;   // core/'s verdict
    Err opened = Err::none; // the context's
};
const std::vector<OwnKey>& own_keys();

// Trust anchors by the names of authorities, read once: {"ca", "rsa-ca"}.
std::span<const Bytes> anchors(std::initializer_list<std::string_view> names);

// SHA-256 digests of these authorities' and leaves' keys, read once.
std::span<const Bytes> pins(std::initializer_list<std::string_view> names);

// All certificates of a PEM file, as anchors.
std::span<const Bytes> anchors_of_bundle(const std::string& name);

} // namespace ussl::test
