// Keys that a server encrypts its tickets with (RFC 5077, 4 and 5.5): the program's, which several
// servers may have, or drawn here and renewed once each lifetime of a session.
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

    // `name` stands in the ticket; its last bit is 0, for one library has a use for that.
    struct Key {
        std::uint8_t name[name_size];
        std::uint8_t secret[32];
    };

    TicketKeys() = default;
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;
    ~TicketKeys();

    // Of a server's settings that were checked. A key of the program's is good only together with
    // the rules that clients are verified by: servers that differ in these do not take each other's
    // tickets.
    Err start(const ContextConfig& config, const Environment& environment, const Backend& backend);

    // Seconds.
    std::uint32_t lifetime() const { return lifetime_; }

    // Copies the key for a new ticket. false: there is no randomness for a new one.
    bool seal(Key& key);

    // Copies the key with the `name_size` bytes at `name`. false: there is none (any more).
    bool open(const std::uint8_t* name, Key& key);

private:
    bool draw(Key& key);
    bool renew();

    [[no_unique_address]] Mutex mutex_;
    bool given_ = false;
    bool has_old_ = false;
    std::uint32_t lifetime_ = 0;
    std::uint32_t since_ = 0; // a stamp (ticket_time.hpp): when keys_[0] was drawn
    const Environment* environment_ = nullptr;
    Key keys_[max_ticket_keys] = {}; // the one for new tickets, and the one before
};

} // namespace ussl
