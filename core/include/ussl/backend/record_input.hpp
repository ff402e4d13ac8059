// The peer's records on their way to a library that decrypts them in place, or that must get whole
// records only.
#pragma once

#include "ussl/backend/record.hpp"
#include "ussl/backend/record_store.hpp"

namespace ussl {

// `own_size`: memory in the session. `largest`: the longest record body: plain bytes plus the
// expansion by encryption.
template<std::size_t own_size, std::size_t largest_>
class RecordInput {
public:
    static constexpr std::size_t header_size = RecordHeader::size;
    static constexpr std::size_t largest = largest_;

    // --- From the transport ---

    MutableBytes space() {
        // The bytes in use must not move.
        if (in_use_ <= header_size) store_.compact();
        return store_.space();
    }
    void commit(std::size_t count) {
        store_.commit(count);
        update_ready();
        if (is_full() && in_use_ == 0 && (!is_whole() || store_.capacity() < USSL_INPUT_BUFFER))
            make_room();
    }

    // --- To the library: a record's header, then the whole record ---

    // Bytes the library can process now: a whole record, one it will refuse, or one we have no
    // memory for. Zero: wait for more.
    std::size_t ready() const { return ready_; }

    // Allocates memory for the record at the front, or for further ones. false: no memory, and the
    // record at the front can never be complete. Precondition: ready() is not 0.
    bool make_room() {
        const std::size_t size = record().size();
        const std::size_t wanted = size > USSL_INPUT_BUFFER ? size : USSL_INPUT_BUFFER;
        if (wanted <= store_.capacity() || size > header_size + largest) return true;
        const bool made = store_.reserve(wanted);
        if (made && !is_whole()) ready_ = 0; // it was ready only because the store was full
        return made || size <= store_.capacity();
    }

    // The record at the front, with its final size. Precondition: its header is there.
    MutableBytes record() {
        std::uint8_t* const at = store_.stored().data();
        return {at, RecordHeader(at).record_size()};
    }
    bool is_whole() { return record().size() <= store_.size(); }

    // How many bytes of it the library uses, from the front.
    std::size_t in_use() const { return in_use_; }
    void use(std::size_t count) { in_use_ = count; }

    // The library has finished with the bytes in use (at least one). They may be plain text now.
    void release() {
        wipe(store_.stored().first(in_use_));
        store_.consume(in_use_);
        in_use_ = 0;
        update_ready();
    }

private:
    bool is_full() const { return store_.size() == store_.capacity(); }

    // Of an incomplete record: the library would not refuse it by its header (RFC 8446, 5.1).
    static bool is_sound(Bytes record) {
        const RecordHeader header(record.data());
        return content_type::is_known(header.type()) &&
               header.version() >> 8 == tls1_2_on_wire >> 8 && header.length() <= largest;
    }

    void update_ready() {
        const std::size_t waiting = store_.size();
        ready_ = 0;
        if (waiting < header_size) return;
        const MutableBytes first = record();
        if (first.size() <= waiting || is_full() || !is_sound(first)) ready_ = waiting;
    }

    std::size_t ready_ = 0, in_use_ = 0;
    RecordStore<own_size, true> store_;
};

} // namespace ussl
