// The connection to the runner. Over it datagrams have a frame each, and the runner moves the
// clock.
#pragma once

#include "options.hpp"

#include "ussl/pump.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace bogo {

class Transport {
public:
    // Connects to the runner's port and says which shim this is.
    explicit Transport(const Options& options);
    Transport(const Transport&) = delete;
    ~Transport(); // waits for the runner to have read all, and to be done

    ussl::TransportResult read(ussl::MutableBytes into);
    ussl::TransportResult write(ussl::Bytes from);

    // Until the runner has sent something.
    void wait();

    // The next writes take so many bytes in all, then block. Streams only.
    void limit_writes(std::size_t bytes) { write_budget_ = bytes; }
    void unlimit_writes() { write_budget_ = SIZE_MAX; }

    // Datagrams: the time until the next retransmission that the runner said it expects, in
    // nanoseconds, UINT64_MAX for none; once.
    std::optional<std::uint64_t> take_expected_timeout();
    // Datagrams: acts on the runner's word that time passes, which came with a read. Not from
    // within read(): the session is not to see its clock move within a call.
    void pass_time();

private:
    bool read_all(void* into, std::size_t size);
    bool read_number(std::uint64_t& value, std::size_t size);
    ussl::TransportResult read_frame(ussl::MutableBytes into);
    ussl::TransportResult read_datagram(ussl::MutableBytes into);
    ussl::TransportResult write_datagram(ussl::Bytes from);

    int socket_ = -1;
    // One byte at a time, and every other call would block.
    const bool drips_;
    const bool datagrams_;
    bool read_blocked_ = false, write_blocked_ = false;
    std::size_t write_budget_ = SIZE_MAX;
    std::optional<std::uint64_t> expected_timeout_;
    std::uint64_t passed_nanoseconds_ = 0;
};

} // namespace bogo
