#include "ussl/backend/ticket_keys.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/resumption_frame.hpp"
#include "ussl/backend/ticket_time.hpp"

#include <cstring>

#if USSL_RESUMPTION && USSL_SERVER

namespace ussl {

TicketKeys::~TicketKeys() { wipe({reinterpret_cast<std::uint8_t*>(keys_), sizeof keys_}); }

Err TicketKeys::start(const ContextConfig& config, const Environment& environment,
                      const Backend& backend) {
    static_assert(max_ticket_keys == 2);
    environment_ = &environment;
    lifetime_ = session_lifetime(config);
    since_ = ticket_stamp(environment);
    given_ = !config.ticket_keys.empty();
    if (!given_) return draw(keys_[0]) ? Err::none : Err::no_randomness;
    SessionSetup setup{};
    setup.set(config);
    const ResumptionFrame rules(setup, backend);
    has_old_ = config.ticket_keys.size() > 1;
    for (std::size_t i = 0; i < config.ticket_keys.size(); ++i) {
        Key& key = keys_[i];
        std::uint8_t name[32];
        if (!rules.bind(config.ticket_keys[i], key.secret) ||
            !backend.sha256(Bytes{key.secret}, name))
            return Err::no_memory;
        std::memcpy(key.name, name, name_size);
        key.name[name_size - 1] &= 0xfe;
    }
    return Err::none;
}

bool TicketKeys::draw(Key& key) {
    if (!environment_->random(environment_->user, MutableBytes{key.name}) ||
        !environment_->random(environment_->user, MutableBytes{key.secret}))
        return false;
    key.name[name_size - 1] &= 0xfe;
    return true;
}

// A key encrypts for one lifetime; its last ticket is valid for another. (A clock that was set back
// looks as if a long time had passed.)
bool TicketKeys::renew() {
    if (given_) return true;
    const std::uint32_t now = ticket_stamp(*environment_), age = now - since_;
    if (age <= lifetime_) return true;
    has_old_ = age <= 2 * lifetime_;
    keys_[1] = keys_[0];
    since_ = now;
    return draw(keys_[0]);
}

bool TicketKeys::seal(Key& key) {
    const Locked locked(mutex_);
    if (!renew()) {
        Operation::note_resource_error(Err::no_randomness);
        return false;
    }
    key = keys_[0];
    return true;
}

bool TicketKeys::open(const std::uint8_t* name, Key& key) {
    const Locked locked(mutex_);
    if (!renew()) return false;
    for (std::size_t i = 0; i < (has_old_ ? 2u : 1u); ++i) {
        if (std::memcmp(keys_[i].name, name, name_size) != 0) continue;
        key = keys_[i];
        return true;
    }
    return false;
}

} // namespace ussl

#endif
