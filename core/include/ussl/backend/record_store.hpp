// Bytes of records between the transport and a library, first in, first out, always in one piece.
//
// Some are in the session. A store that grows takes a block of ussl::allocator() for more, and
// gives it back as soon as what is left has room in the session: a connection that is idle holds
// none of it.
//
// Two ways lead in. Bytes are put behind what is stored, by commit() or append(). Or a library
// works in space(), where it keeps its own accounts, from lend() to take_back(): it makes records
// there that commit() adds without a copy, or has its buffer there for as long as it lives.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ussl {

// What of `whole` bytes is in the session. With USSL_SHORT_BUFFERS a store grows: on hosts one
// process may have thousands of connections, and a heap in pieces has no room for the longest
// record at any time. Without it all is there, as the layer above the libraries allocates nothing.
constexpr std::size_t size_in_session(std::size_t whole, std::size_t when_short = 256) {
    return !features::short_buffers || whole <= 512 ? whole : when_short;
}

// The block for a record that takes `needed` bytes in a buffer that holds `whole` bytes at most. On
// hosts the next ones may be longer; elsewhere memory counts for more than the time to take it.
constexpr std::size_t block_for_record(std::size_t needed, std::size_t whole) {
    return features::hosted ? whole : needed;
}

// What does not depend on a store's size in the session, and is compiled once.
class GrowingStore {
protected:
    bool take_block(std::size_t size, std::uint8_t* own);
    bool take_larger(std::size_t size, std::size_t kept, std::uint8_t* own);
    void move_to(std::uint8_t* memory, std::size_t size, const std::uint8_t* own);

    std::uint8_t* data_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0, end_ = 0; // both 0 while there is nothing

    // Bytes left free at the beginning, so that what follows the header of the first record, which
    // has 5 bytes, is aligned: ciphers are slower elsewhere, on processors of 32 bits.
    static constexpr std::size_t lead = sizeof(void*) == 4 ? 3 : 0;
};

class FixedStore {
protected:
    std::size_t begin_ = 0, end_ = 0; // as above
    static constexpr std::size_t lead = 0;
};

template<std::size_t own_size, bool grows>
class RecordStore : std::conditional_t<grows, GrowingStore, FixedStore> {
    using Base = std::conditional_t<grows, GrowingStore, FixedStore>;
    using Base::begin_, Base::end_, Base::lead;

public:
    RecordStore() {
        if constexpr (grows) {
            this->data_ = own();
            this->capacity_ = own_size;
        }
    }
    ~RecordStore() {
        begin_ = end_ = 0;
        take_back();
    }
    RecordStore(const RecordStore&) = delete;
    RecordStore& operator=(const RecordStore&) = delete;

    bool empty() const { return end_ == 0; }
    std::size_t size() const { return end_ - begin_; }
    // How much it holds when it is empty, as it is.
    std::size_t capacity() const {
        if constexpr (grows) return this->capacity_;
        return own_size;
    }
    bool is_in_session() const { return !grows || data() == own(); }

    Bytes stored() const { return {data() + begin_, size()}; }
    MutableBytes stored() { return {data() + begin_, size()}; }
    // Room behind it.
    MutableBytes space() { return {data() + end_, capacity() - end_}; }
    void commit(std::size_t count) { end_ += count; }

    // Drops bytes from the front of what is stored.
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
        if constexpr (grows)
            if (!is_in_session() && size() <= own_size) this->move_to(own(), own_size, own());
    }

    // Moves what is stored to the front, so that all room is behind it.
    void compact() {
        if (begin_ == 0) return;
        end_ -= begin_;
        std::memmove(data(), data() + begin_, end_);
        begin_ = 0;
    }

    // Has a capacity of `size` at least. False: there is no memory, and nothing has changed.
    bool reserve(std::size_t size) {
        if (size <= capacity()) return true;
        if constexpr (grows) return this->take_block(size, own());
        return false;
    }

    // Copies all of `bytes` and of `more` behind it, or nothing where they do not fit, or only with
    // memory that there is not. `largest`: the capacity that it takes for that. Returns whether it
    // did.
    bool append(Bytes bytes, std::size_t largest, Bytes more = {}) {
        const std::size_t needed = size() + bytes.size() + more.size();
        if (needed > capacity() && (needed > largest || !reserve(largest))) return false;
        compact();
        put(bytes);
        if (!more.empty()) put(more);
        return true;
    }

    // Room behind what is stored, which is only kept in its place where it is enough: `size` bytes
    // at least, until take_back(). Empty: there is no memory, or none before what is stored is
    // gone.
    MutableBytes lend(std::size_t size) {
        compact();
        if (space().size() < size && (!empty() || !reserve(size))) return {};
        return space();
    }
    // The same for who works there already: the first `kept` bytes come along, what was there is
    // wiped where it moves. Precondition: nothing is stored.
    MutableBytes lend_more(std::size_t size, std::size_t kept) {
        if (size <= capacity()) return space();
        if constexpr (grows)
            if (this->take_larger(size, kept, own())) return space();
        return {};
    }
    // Nobody works there any more. What is not stored is wiped where it is given back: it may be
    // plain text.
    void take_back() {
        if constexpr (grows) {
            if (is_in_session() || !empty()) return;
            wipe(space());
            this->move_to(own(), own_size, own());
        }
    }

private:
    std::uint8_t* own() { return bytes_ + lead; }
    const std::uint8_t* own() const { return bytes_ + lead; }
    std::uint8_t* data() {
        if constexpr (grows) return this->data_;
        return own();
    }
    const std::uint8_t* data() const { return const_cast<RecordStore*>(this)->data(); }

    void put(Bytes bytes) {
        std::memcpy(data() + end_, bytes.data(), bytes.size());
        end_ += bytes.size();
    }

    alignas(grows ? 8 : 1) std::uint8_t bytes_[lead + own_size];
};

// For a flight of small records, so that it leaves in one piece: USSL_FLIGHT_BUFFER bytes when it
// has grown.
inline constexpr std::size_t flight_in_session = size_in_session(USSL_FLIGHT_BUFFER);
using FlightStore = RecordStore<flight_in_session, (flight_in_session < USSL_FLIGHT_BUFFER)>;

} // namespace ussl
