// The protection of one direction's records with AES-128-GCM, for an attacker in the middle who has
// the secrets.
#pragma once

#include "support/raw.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace ussl::fuzz {

struct Plaintext {
    unsigned type = 0; // a ContentType (RFC 8446, 5.1)
    std::string content;
    std::size_t padding = 0; // TLS 1.3
};

class RecordKeys {
public:
    // TLS 1.3 (RFC 8446, 7.3).
    static RecordKeys of_traffic_secret(const std::string& secret);
    // TLS 1.2 (RFC 5246, 6.3).
    static RecordKeys of_master_secret(const std::string& secret, const std::string& client_random,
                                       const std::string& server_random, bool client_writes);

    bool exist() const { return !key_.empty(); }

    // Nothing: the record was not protected with these keys.
    std::optional<Plaintext> open(const test::raw::Record& record, std::uint64_t sequence) const;
    // A whole record, including its header.
    std::string seal(const Plaintext& plaintext, std::uint64_t sequence) const;

private:
    bool tls1_3_ = false;
    std::string key_, iv_;
};

// The secret after a KeyUpdate (RFC 8446, 7.2).
std::string next_traffic_secret(const std::string& secret);

} // namespace ussl::fuzz
