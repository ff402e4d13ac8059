// The keys of a server's tickets (RFC 5077, 4 and 5.5): the program's, which several servers may
// share, or random ones, renewed once each lifetime of a session.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/bytes.hpp"
#include "ussl/context.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl {

class TicketKeys {
public:
    static constexpr std::size_t name_size = 16;

    // `name` is in the ticket. Its last bit is 0: one library uses that bit.
    struct Key {
        std::uint8_t name[name_size];
        std::uint8_t secret[32];
    };

    TicketKeys() = default;
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;
    ~TicketKeys();

    // Takes checked settings of a server. A key of the program is bound to the rules for clients:
    // servers with different rules refuse each other's tickets.
    Err start(const ContextConfig& config, const Environment& environment, const Backend& backend);

    // Seconds.
    std::uint32_t lifetime() const { return lifetime_; }

    // Copies the key for a new ticket. false: no randomness for a new key.
    bool seal(Key& key);

    // Copies the key named by the `name_size` bytes at `name`. false: there is none (any more).
    bool open(const std::uint8_t* name, Key& key);

private:
    bool draw(Key& key);
    bool renew();

    [[no_unique_address]] Mutex mutex_;
    bool given_ = false;
    bool has_old_ = false;
    std::uint32_t lifetime_ = 0;
    std::uint32_t since_ = 0; // a stamp (ticket_time.hpp): when keys_[0] was made
    const Environment* environment_ = nullptr;
    Key keys_[max_ticket_keys] = {}; // for new tickets, and the previous one
};

} // namespace ussl
