// What core/ puts round a backend's resumption data, so that it is used only where the full
// handshake would have come to the same verdict: the peer of a resumed session is not asked for its
// certificate again.
#pragma once

#include "ussl/backend/session_setup.hpp"

#include <cstddef>

namespace ussl {

// Framed data is good for a week at most, as RFC 8446, 4.6.1 has it.
inline constexpr UnixTime max_resumption_age = UnixTime{7} * 24 * 3600;

// Of a client's session. Layout: 32 bytes of SHA-256 over what must be the same (backend, its
// version and the size of its pointers, names, trust anchors, pins, rules, the client's own
// certificates and key identity, and all that follows here), 8 bytes of time (seconds, big-endian;
// 0: there was no clock), and the backend's data.
class ResumptionFrame {
public:
    ResumptionFrame(const SessionSetup& setup, const Backend& backend)
        : setup_(setup), backend_(backend) {}

    static constexpr std::size_t size() { return digest_size + time_size; }

    // Writes the frame to the front of `framed`, where the backend's data stands behind it. false:
    // no memory for the digest.
    bool write(MutableBytes framed) const;

    // The backend's data in `framed`, or nothing where it is not for such a session.
    Bytes open(Bytes framed) const;

private:
    static constexpr std::size_t digest_size = 32, time_size = 8;

    bool digest(Bytes time_and_data, std::uint8_t (&out)[digest_size]) const;

    const SessionSetup& setup_;
    const Backend& backend_;
};

} // namespace ussl
