// What core/ puts round a backend's resumption data, so that it is used only where the full
// handshake would have come to the same verdict: the peer of a resumed session is not asked for its
// certificate again.
#pragma once

#include "ussl/backend/session_setup.hpp"

#include <cstddef>

namespace ussl {

// Of a client's session. Layout: 32 bytes of SHA-256 over what must be the same (backend, its
// version and the size of its pointers, names, trust anchors, pins, rules, the client's own
// certificates and key identity, and all that follows here), the two times of Verified, 8 bytes
// each (big-endian), and the backend's data.
class ResumptionFrame {
public:
    ResumptionFrame(const SessionSetup& setup, const Backend& backend)
        : setup_(setup), backend_(backend) {}

    static constexpr std::size_t size() { return digest_size + 2 * time_size; }

    // Writes the frame to the front of `framed`, where the backend's data stands behind it.
    // `verified`: of the full handshake, also where this session was resumed. false: no memory for
    // the digest.
    bool write(MutableBytes framed, const Verified& verified) const;

    // The backend's data in `framed`, and what its frame says; or nothing where it is not for such
    // a session, or too old for it.
    Bytes open(Bytes framed, Verified& verified) const;

    // A secret for those alone who have `secret` and the same rules on their peers (and the same
    // backend). false: no memory.
    bool bind(Bytes secret, std::uint8_t (&out)[32]) const;

private:
    static constexpr std::size_t digest_size = 32, time_size = 8;

    bool digest(Bytes times_and_data, std::uint8_t (&out)[digest_size]) const;

    const SessionSetup& setup_;
    const Backend& backend_;
};

} // namespace ussl
