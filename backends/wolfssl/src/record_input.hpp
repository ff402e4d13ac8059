// The peer's records on their way to wolfSSL, which opens each where it lies: the transport's bytes
// are copied no more until they are plain ones.
#pragma once

#include "record_memory.hpp"

#include "ussl/backend/record.hpp"
#include "ussl/features.hpp"

namespace ussl::wolfssl {

class RecordInput {
public:
    static constexpr std::size_t header_size = RecordHeader::size;

    // What a record may hold, its header not counted: plain bytes and what encryption adds to them
    // (RFC 8446, 5.2; the suites of TLS 1.2 here need less).
    static constexpr std::size_t largest = USSL_RECORD_INPUT + 256;

    RecordInput() = default;
    ~RecordInput() {
        if (in_use_ != 0) release(); // it may hold plain bytes
    }
    RecordInput(const RecordInput&) = delete;
    RecordInput& operator=(const RecordInput&) = delete;

    // --- From the transport ---

    MutableBytes space() {
        // What is in use must stay where it is.
        if (in_use_ <= header_size) memory_.compact();
        return memory_.space();
    }
    void commit(std::size_t count) {
        memory_.commit(count);
        look();
        if (in_use_ == 0 && is_full()) make_room();
    }

    // --- To wolfSSL: a record's header, then all of it ---

    // Bytes that wolfSSL can do something with: those of a whole record, or of one that it has to
    // refuse, or that there is no memory for. Zero: more is to be waited for.
    std::size_t ready() const { return ready_; }

    // Takes more memory for the record at the front, or for further ones. False: there is none, and
    // the former cannot become whole. Precondition: ready().
    bool make_room() {
        const std::size_t size = record().size();
        const std::size_t wanted = size > USSL_INPUT_BUFFER ? size : USSL_INPUT_BUFFER;
        if (wanted <= memory_.capacity() || size > header_size + largest) return true;
        const bool made = memory_.reserve(wanted);
        if (made && !is_whole()) ready_ = 0; // it was full
        return made || size <= memory_.capacity();
    }

    // The record at the front, as it will be when all of it is there. Precondition: its header is.
    MutableBytes record() const {
        std::uint8_t* const at = memory_.stored().data();
        return {at, RecordHeader(at).record_size()};
    }
    bool is_whole() const { return record().size() <= memory_.stored().size(); }

    // How much of it wolfSSL uses, from its beginning.
    std::size_t in_use() const { return in_use_; }
    void use(std::size_t count) { in_use_ = count; }

    // wolfSSL is through with what it has used, which was something.
    void release() {
        wipe(memory_.stored().first(in_use_));
        memory_.consume(in_use_);
        in_use_ = 0;
        look();
    }

private:
    bool is_full() const { return memory_.stored().size() == memory_.capacity(); }

    // Of what is incomplete: wolfSSL would not refuse it by its header (RFC 8446, 5.1).
    static bool is_sound(Bytes record) {
        const RecordHeader header(record.data());
        return content_type::is_known(header.type()) &&
               header.version() >> 8 == tls1_2_on_wire >> 8 && header.length() <= largest;
    }

    void look() {
        const std::size_t waiting = memory_.stored().size();
        ready_ = 0;
        if (waiting >= header_size && (is_whole() || is_full() || !is_sound(record())))
            ready_ = waiting;
    }

    std::size_t ready_ = 0, in_use_ = 0;
    RecordMemoryOf<USSL_INPUT_BUFFER> memory_;
};

} // namespace ussl::wolfssl
