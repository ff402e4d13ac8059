// A server's sessions that clients may resume by their IDs (RFC 5246, 7.4.1.2). Shared by the
// sessions of a context, which may be in different threads.
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
    // In memory from the allocator, with config.session_cache_size bytes for sessions, about 100
    // for each. Null: there is none.
    static SessionCache* make(const ContextConfig& config, const Environment& environment);
    // Wipes and frees it; null is allowed.
    static void release(SessionCache* cache);

    const br_ssl_session_cache_class** vtable() { return &vtable_; }

    // Writes into a fresh session ID when it was made and for which server name: that a session is
    // not resumed for another (RFC 6066, 3), nor after its lifetime.
    void stamp(br_ssl_session_parameters& session, std::string_view name) const;
    static bool is_for(const br_ssl_session_parameters& session, std::string_view name);

private:
    struct Callbacks;

    SessionCache(const ContextConfig& config, const Environment& environment);

    const br_ssl_session_cache_class* vtable_; // BearSSL is given this object by its first member
    const Environment* environment_;
    std::uint32_t lifetime_;
    std::size_t size_;
    [[no_unique_address]] Mutex mutex_; // of sessions_
    br_ssl_session_cache_lru sessions_;
    // The sessions lie behind.
};

} // namespace ussl::bearssl
