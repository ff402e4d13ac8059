// The frame around a backend's resumption data. The certificate of a resumed session is not
// verified again, so the data is used only if a full handshake would have the same verdict.
#pragma once

#include "ussl/backend/session_setup.hpp"

#include <cstddef>

namespace ussl {

// For clients. Layout: a SHA-256 digest (32 bytes), the two times of Verified (8 bytes each,
// big-endian), and the backend's data. The digest covers everything that must be the same (backend,
// its version and pointer size, names, trust anchors, pins, rules, the client's own certificates
// and PSK identity), and everything behind it.
class ResumptionFrame {
public:
    ResumptionFrame(const SessionSetup& setup, const Backend& backend)
        : setup_(setup), backend_(backend) {}

    static constexpr std::size_t size() { return digest_size + 2 * time_size; }

    // Writes the frame to the front of `framed`; the backend's data is already behind it.
    // `verified`: by the full handshake, even if this session was resumed. false: no memory for the
    // digest.
    bool write(MutableBytes framed, const Verified& verified) const;

    // Returns the backend's data in `framed`, and the times of its frame. Empty: it does not fit
    // this session, or is too old.
    Bytes open(Bytes framed, Verified& verified) const;

    // Derives a secret from `secret`, the rules for peers and the backend: only servers that share
    // all of these have it. false: no memory.
    bool bind(Bytes secret, std::uint8_t (&out)[32]) const;

private:
    static constexpr std::size_t digest_size = 32, time_size = 8;

    bool digest(Bytes times_and_data, std::uint8_t (&out)[digest_size]) const;

    const SessionSetup& setup_;
    const Backend& backend_;
};

} // namespace ussl
