// The encrypted bytes between the library's I/O callbacks and the transport.
//
// Short pieces are gathered in stores, so that a flight leaves in one span and headers need no span
// of their own. Long pieces are not copied: they are sent from, and received into, the library's
// own record buffers. mbedTLS 3.6 allows that, as its callbacks get the same bytes again until they
// are done: mbedtls_ssl_flush_output() does not touch the record buffer until all of it is sent,
// and mbedtls_ssl_fetch_input() appends at the same place until the record is complete, whatever
// else happens in between.
//
// Datagrams are received into the library's buffer whole, and sent from there, one at a time.
// During the handshake the library gets the records of a datagram one at a time: it reassembles
// messages only when it has read a datagram to its end, and by then has dropped all but one of the
// records under the next keys.
#pragma once

#include "ussl/backend/record.hpp"
#include "ussl/backend/record_store.hpp"
#include "ussl/features.hpp"
#include "ussl/mbedtls.hpp"

namespace ussl::mbedtls {

class Staging {
public:
#if USSL_DTLS
    // `id_size`: bytes of the connection ID in the peer's records.
    void use_datagrams([[maybe_unused]] std::size_t id_size) {
        datagrams_ = true;
#if USSL_CONNECTION_ID
        id_size_ = static_cast<std::uint8_t>(id_size);
#endif
    }
#endif

    // From now on long records are sent from the library's buffer.
    void end_handshake() { gathers_ = false; }

    // --- For the transport, as in ussl::Session ---
    MutableBytes input_space();
    void input_commit(std::size_t count);
    Bytes output() const;
    void output_consume(std::size_t count);

    // --- For the library ---

    // Moves staged bytes to `into`; returns how many. 0: there are none, and the transport may put
    // the next ones there directly.
    std::size_t receive(MutableBytes into);

    // Takes `records`, all or nothing; returns their size. 0: not yet; the library must keep them
    // in place, and offer them again when all output is consumed.
    std::size_t send(Bytes records);

    // How many bytes, up to `wanted`, send() takes at once.
    std::size_t room(std::size_t wanted) {
        if (output_.size() + wanted > output_.capacity()) output_.reserve(USSL_FLIGHT_BUFFER);
        return output_.capacity() - output_.size();
    }

    // Drops what was not sent yet.
    void drop_output() {
        held_ = {};
        output_.consume(output_.size());
    }

    // Whether the library can make progress with what receive() would find.
    bool has_input() const {
        return !input_.empty() || (received_ != 0 && (datagrams_ || received_ == wanted_.size()));
    }

    // Whether the last receive() found nothing.
    bool starved() const { return starved_; }

    // The library will ask again, for another place: starved() does not apply.
    void have_asked_again() { starved_ = false; }

    // Stops receiving into the place that the library last asked for. false: bytes are already
    // there.
    bool forget_place() {
        if (received_ != 0) return false;
        wanted_ = {};
        return true;
    }

    // Whether the library holds records as not sent yet, and whether they are sent by now.
    bool holding() const { return holding_; }
    bool held_are_sent() const { return holding_ && held_.empty(); }

private:
    std::size_t receive_record(MutableBytes into);
    void drop_repetitions();
    bool receives_directly() const {
        if (datagrams_) return true;
        return input_.empty() && wanted_.size() - received_ >= Traits::short_reads;
    }

    // Small members first: short instructions reach them.
    bool holding_ = false;
    bool starved_ = false;
#if USSL_DTLS
    bool datagrams_ = false;
#else
    static constexpr bool datagrams_ = false;
#endif
#if USSL_CONNECTION_ID
    std::uint8_t id_size_ = 0;
#else
    static constexpr std::uint8_t id_size_ = 0;
#endif
    bool gathers_ = true;      // records of a flight are gathered
    MutableBytes wanted_;      // missing bytes, in the library's record buffer
    std::size_t received_ = 0; // received so far
    Bytes held_;               // in the library's record buffer, to be sent after output_
    RecordStore<Traits::short_reads, false> input_;
    FlightStore output_;
};

inline MutableBytes Staging::input_space() {
    if (datagrams_ && has_input()) return {}; // one at a time
    if (receives_directly()) return wanted_.subspan(received_);
    input_.compact();
    return input_.space();
}

inline void Staging::input_commit(std::size_t count) {
    if (receives_directly())
        received_ += count;
    else
        input_.commit(count);
}

inline Bytes Staging::output() const { return output_.empty() ? held_ : output_.stored(); }

inline void Staging::output_consume(std::size_t count) {
    if (output_.empty())
        held_ = held_.subspan(count);
    else
        output_.consume(count);
}

// Of a datagram: its first record, or as many as have no room here, or all that is left.
inline std::size_t Staging::receive_record(MutableBytes into) {
    const Bytes there = received_ != 0 ? Bytes{into}.first(received_) : input_.stored();
    std::size_t size = 0;
    do {
        const Bytes rest = there.subspan(size);
        const std::size_t first = rest.size() < RecordHeader::datagram_size + id_size_
                                      ? rest.size()
                                      : RecordHeader(rest.data(), true, id_size_).record_size();
        size = rest.size() <= first ? there.size() : size + first;
    } while (there.size() - size > input_.capacity());
    if (received_ != 0) {
        input_.append(there.subspan(size), 0);
    } else {
        std::memcpy(into.data(), there.data(), size);
        input_.consume(size);
    }
    return size;
}

// Inlined, as it is called twice for each record.
[[gnu::always_inline]] inline std::size_t Staging::receive(MutableBytes into) {
    // What came directly lies at the front of `into` already.
    std::size_t count = received_;
    if (datagrams_ && has_input() && (gathers_ || count == 0)) {
        count = receive_record(into);
    } else if (count == 0 && !input_.empty()) {
        count = into.size() < input_.size() ? into.size() : input_.size();
        std::memcpy(into.data(), input_.stored().data(), count);
        input_.consume(count);
    }
    received_ = 0;
    starved_ = count == 0;
    wanted_ = starved_ ? into : MutableBytes{};
    return count;
}

// Who answers has read a flight to its end: what is left of it in plain text is a repetition, which
// the library would answer again.
inline void Staging::drop_repetitions() {
    while (!input_.empty()) {
        const RecordHeader header(input_.stored().data(), true);
        if (header.epoch() != 0) return;
        input_.consume(header.record_size());
    }
}

USSL_INLINE_ON_HOSTS std::size_t Staging::send(Bytes records) {
    if (holding_) {
        if (!held_.empty()) return 0;
        holding_ = false;
        return records.size();
    }
    if (!datagrams_ && output_.append(records, gathers_ ? USSL_FLIGHT_BUFFER : 0))
        return records.size();
    if (datagrams_) drop_repetitions();
    held_ = records;
    holding_ = true;
    return 0;
}

} // namespace ussl::mbedtls
