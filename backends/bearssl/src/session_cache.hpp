// A server's sessions, which clients resume by session ID (RFC 5246, 7.4.1.2). The sessions of a
// context share it, perhaps in several threads.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/context.hpp"
#include "ussl/environment.hpp"

#include <bearssl.h>

#include <cstddef>
#include <string_view>

namespace ussl::bearssl {

class SessionCache {
public:
    // Allocates a cache with config.session_cache_size bytes for sessions, about 100 for each.
    // Null: no memory.
    static SessionCache* make(const ContextConfig& config, const Environment& environment);
    // Wipes and frees it; null is allowed.
    static void release(SessionCache* cache);

    const br_ssl_session_cache_class** vtable() { return &vtable_; }

    // Writes the time and the server name into a new session ID: so a session is not resumed under
    // another name (RFC 6066, 3), nor after its lifetime.
    void stamp(br_ssl_session_parameters& session, std::string_view name) const;
    static bool is_for(const br_ssl_session_parameters& session, std::string_view name);

private:
    struct Callbacks;

    SessionCache(const ContextConfig& config, const Environment& environment);

    const br_ssl_session_cache_class* vtable_; // first member: BearSSL identifies this object by it
    const Environment* environment_;
    std::uint32_t lifetime_;
    std::size_t size_;
    [[no_unique_address]] Mutex mutex_; // protects sessions_
    br_ssl_session_cache_lru sessions_;
    // The sessions follow.
};

} // namespace ussl::bearssl
