// The peer's records on their way to wolfSSL, which opens each where it lies: the transport's bytes
// are copied no more until they are plain ones.
//
// Small records wait in a queue within the session. A record that the queue is full of without being
// whole gets memory of its own, until its plain bytes were read.
#pragma once

#include "ussl/backend/input_queue.hpp"
#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"
#include "ussl/features.hpp"

#include <cstdint>

namespace ussl::wolfssl {

class RecordInput {
public:
    static constexpr std::size_t header_size = 5; // RFC 8446, 5.1

    // What a record may hold, its header not counted: plain bytes and what encryption adds to them
    // (RFC 8446, 5.2; the suites of TLS 1.2 here need less).
    static constexpr std::size_t largest = USSL_RECORD_INPUT + 256;

    RecordInput() = default;
    ~RecordInput() { drop_long(); }
    RecordInput(const RecordInput&) = delete;
    RecordInput& operator=(const RecordInput&) = delete;

    // --- From the transport ---

    MutableBytes space() {
        if (long_filled_ < long_size_) return {long_ + long_filled_, long_size_ - long_filled_};
        // What is in use must stay where it is.
        return in_use_ > header_size && long_ == nullptr ? staged_.tail() : staged_.space();
    }

    void commit(std::size_t count) {
        if (long_filled_ < long_size_) {
            long_filled_ += count;
            if (is_whole()) ready_ = long_size_;
            return;
        }
        staged_.commit(count);
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
        const std::size_t size = size_of(staged_.front());
        if (size <= USSL_INPUT_BUFFER) {
            staged_.grow();
            look();
        }
        return size <= staged_.whole() || !is_sound(staged_.front()) || make_long(size);
    }

    // The record at the front, as it will be when all of it is there. Precondition: its header is.
    MutableBytes record() {
        if (long_ != nullptr) return {long_, long_size_};
        const Bytes waiting = staged_.front();
        return {const_cast<std::uint8_t*>(waiting.data()), size_of(waiting)};
    }
    bool is_whole() const {
        return long_ != nullptr ? long_filled_ == long_size_
                                : size_of(staged_.front()) <= staged_.size();
    }

    // How much of it wolfSSL uses, from its beginning.
    std::size_t in_use() const { return in_use_; }
    void use(std::size_t count) { in_use_ = count; }

    // wolfSSL is through with what it has used.
    void release() {
        if (in_use_ == 0) return;
        if (long_ != nullptr) {
            drop_long();
        } else {
            wipe(record().first(in_use_));
            staged_.consume(in_use_);
        }
        in_use_ = 0;
        look();
    }

    // The transport has nothing more for now.
    void rest() {
        if (in_use_ == 0) staged_.rest();
    }

private:
    bool is_full() const { return staged_.size() == staged_.whole(); }
    static std::size_t size_of(Bytes record) {
        return header_size + static_cast<std::size_t>(record[3] << 8 | record[4]);
    }
    // Of a header: wolfSSL would not refuse it before the rest is there (RFC 8446, 5.1).
    static bool is_sound(Bytes record) {
        constexpr std::uint8_t first_type = 20, last_type = 23, major_version = 3;
        return record[0] >= first_type && record[0] <= last_type && record[1] == major_version &&
               size_of(record) <= header_size + largest;
    }

    // At what waits in the queue.
    void look() {
        const Bytes waiting = staged_.front();
        ready_ = 0;
        if (waiting.size() < header_size) return;
        if (size_of(waiting) <= waiting.size() || is_full() || !is_sound(waiting))
            ready_ = waiting.size();
    }

    bool make_long(std::size_t size) {
        long_ = static_cast<std::uint8_t*>(ussl::allocate(size));
        if (long_ == nullptr) return false;
        long_size_ = size;
        long_filled_ = staged_.take({long_, size});
        ready_ = 0;
        return true;
    }
    void drop_long() {
        if (long_ == nullptr) return;
        wipe({long_, long_filled_});
        ussl::release(long_);
        long_ = nullptr;
        long_size_ = long_filled_ = 0;
    }

    std::size_t ready_ = 0, in_use_ = 0;
    std::size_t long_size_ = 0, long_filled_ = 0;
    std::uint8_t* long_ = nullptr;
    InputQueue<USSL_INPUT_BUFFER> staged_;
};

} // namespace ussl::wolfssl
