// record_size_limit (RFC 8449): each end announces the longest protected record that it receives,
// and the other sends no longer ones. Records in plain text are not limited.
//
// The number on the wire counts plain bytes and, in TLS 1.3, the content type and the padding. Here
// lengths are of plain bytes, as everywhere in ussl. All libraries' ciphers expand a record by a
// fixed size, so a record's header tells whether it is too long.
#pragma once

#include "ussl/backend/record.hpp"
#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/features.hpp"
#include "ussl/protocol.hpp"

#include <cstddef>
#include <cstdint>

#if USSL_RECORD_SIZE_LIMIT

namespace ussl {

class RecordSizeLimit {
public:
    static constexpr std::size_t extension_size = 2 + 2 + 2;

    // `plain`: SessionSetup::record_size_limit. 0, or no call: the extension is neither sent nor
    // read.
    void start(std::uint16_t plain) { plain_ = plain; }
    bool is_used() const { return plain_ != 0; }

    // The number to announce, in a hello for these versions; 0: none. A client that offers both
    // cannot know whether the content type will count. It announces its limit as if it did, and so
    // gets records of TLS 1.3 that are a byte shorter; unless the limit is the protocol's own,
    // which TLS 1.2 does not exceed anyway.
    std::uint16_t announce(bool tls1_2, bool tls1_3);
    // The same, of a server that answers with this version. 0: the client has announced none.
    std::uint16_t answer(bool tls1_3) { return peers_ != 0 ? announce(!tls1_3, tls1_3) : 0; }

    // Reads the peer's extension. Alert::close_notify: it is good; otherwise send the alert.
    Alert read(Bytes data);
    // The peer's next hello counts.
    void forget() { peers_ = 0; }

    // Whether both ends have announced a limit.
    bool is_agreed() const { return peers_ != 0 && own_ != 0; }

    // How many plain bytes the peer accepts in a record; and how many both ends accept. Those of
    // the protocol if no limit is agreed.
    std::size_t for_peer(bool tls1_3) const;
    std::size_t for_both(bool tls1_3) const;

    // Without knowing what protection adds: a record of this length is never too long.
    bool is_within(std::size_t length) const {
        return length <= (is_agreed() ? own_ : most_plaintext);
    }

    // Whether a protected record is longer than this end has announced: record_overflow. `length`:
    // in its header.
    bool is_exceeded(std::size_t length, std::uint16_t suite, bool tls1_3) const {
        return is_agreed() && length > own_ + added(suite, tls1_3);
    }

private:
    // What protection adds to a record, besides the content type.
    static std::size_t added(std::uint16_t suite, bool tls1_3);

    std::uint16_t plain_ = 0;
    std::uint16_t own_ = 0, peers_ = 0; // on the wire; 0: not announced
};

} // namespace ussl

#endif
