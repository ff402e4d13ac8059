// Bytes of records between the transport and a library: first in, first out, always contiguous.
//
// A store has some memory in the session. A growing store takes a block from allocate_record() if
// it needs more, and frees it as soon as the bytes fit into the session again: idle connections
// hold no block.
//
// There are two ways to put bytes in. commit() and append() add them behind the stored ones. Or a
// library works in the free space itself, from lend() to take_back(): it builds records there,
// which commit() adds without copying, or has its buffer there permanently.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ussl {

// How many of `whole` bytes lie in the session. With USSL_SHORT_BUFFERS stores grow: a host may
// have thousands of connections, and a fragmented heap may have no room for the longest record.
// Without it everything lies in the session, as this layer then allocates nothing.
constexpr std::size_t size_in_session(std::size_t whole, std::size_t when_short = 256) {
    return !features::short_buffers || whole <= 512 ? whole : when_short;
}

// Size of the block for a record of `needed` bytes, in a buffer of at most `whole` bytes. On hosts
// later records may be longer; elsewhere memory matters more than allocation time.
constexpr std::size_t block_for_record(std::size_t needed, std::size_t whole) {
    return features::hosted ? whole : needed;
}

// The error if there is no memory for a record of `size` bytes: asking the peer for shorter ones
// helps only if this one is long.
constexpr Err no_memory_for(std::size_t size) {
    return features::short_buffers && size > 4096 ? Err::no_memory_for_record : Err::no_memory;
}

// The code that does not depend on a store's size; compiled once.
class GrowingStore {
protected:
    bool take_block(std::size_t size, std::uint8_t* own);
    bool take_larger(std::size_t size, std::size_t kept, std::uint8_t* own);
    void move_to(std::uint8_t* memory, std::size_t size, const std::uint8_t* own);

    std::uint8_t* data_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0, end_ = 0; // both 0 while empty

    // Bytes left free at the start, to align the bytes behind the first record's header, which has
    // 5: on 32-bit processors ciphers are slower on unaligned data.
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
    // How many bytes fit into the empty store without growing.
    std::size_t capacity() const {
        if constexpr (grows) return this->capacity_;
        return own_size;
    }
    bool is_in_session() const { return !grows || data() == own(); }

    Bytes stored() const { return {data() + begin_, size()}; }
    MutableBytes stored() { return {data() + begin_, size()}; }
    // Free space behind the stored bytes.
    MutableBytes space() { return {data() + end_, capacity() - end_}; }
    void commit(std::size_t count) { end_ += count; }

    // Removes bytes from the front.
    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
        if constexpr (grows)
            if (!is_in_session() && size() <= own_size) this->move_to(own(), own_size, own());
    }

    // Moves the stored bytes to the front, so that all free space is behind them.
    void compact() {
        if (begin_ == 0) return;
        end_ -= begin_;
        std::memmove(data(), data() + begin_, end_);
        begin_ = 0;
    }

    // Grows to a capacity of at least `size`. false: no memory; nothing has changed.
    bool reserve(std::size_t size) {
        if (size <= capacity()) return true;
        if constexpr (grows) return this->take_block(size, own());
        return false;
    }

    // Copies all of `bytes`, and then `more`. If they do not fit, the store grows to a capacity of
    // `largest` at most. false: they do not fit, or there is no memory; nothing was copied.
    bool append(Bytes bytes, std::size_t largest, Bytes more = {}) {
        const std::size_t needed = size() + bytes.size() + more.size();
        if (needed > capacity() && (needed > largest || !reserve(largest))) return false;
        compact();
        put(bytes);
        if (!more.empty()) put(more);
        return true;
    }

    // Lends at least `size` bytes of free space behind the stored bytes, until take_back(). Does
    // not grow a store that holds bytes. Empty: no memory, or not before the stored bytes are gone.
    MutableBytes lend(std::size_t size) {
        compact();
        if (space().size() < size && (!empty() || !reserve(size))) return {};
        return space();
    }
    // Enlarges lent space: copies the first `kept` bytes, and wipes the old place if it moves.
    // Precondition: nothing is stored.
    MutableBytes lend_more(std::size_t size, std::size_t kept) {
        if (size <= capacity()) return space();
        if constexpr (grows)
            if (this->take_larger(size, kept, own())) return space();
        return {};
    }
    // Ends a loan. Wipes the free space before freeing its block: it may hold plain text.
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

// Collects the small records of a flight, so that it leaves in one piece. Grows to
// USSL_FLIGHT_BUFFER bytes.
inline constexpr std::size_t flight_in_session = size_in_session(USSL_FLIGHT_BUFFER);
using FlightStore = RecordStore<flight_in_session, (flight_in_session < USSL_FLIGHT_BUFFER)>;

} // namespace ussl
