#include "session_cache.hpp"

#include "session_engine.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/backend/wire.hpp"

#include <cstring>
#include <new>
#include <type_traits>

namespace ussl::bearssl {
namespace {

// The first 20 of the ID's 32 bytes stay random.
constexpr std::size_t time_at = 20, name_at = 24, name_size = 8;

void digest_of(std::string_view name, std::uint8_t (&digest)[br_sha256_SIZE]) {
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, name.data(), name.size());
    br_sha256_out(&hash, digest);
}

} // namespace

struct SessionCache::Callbacks {
    static SessionCache& self(const br_ssl_session_cache_class** context) {
        return *reinterpret_cast<SessionCache*>(context);
    }
    static void save(const br_ssl_session_cache_class** context, br_ssl_server_context* server,
                     const br_ssl_session_parameters* session) {
        SessionCache& cache = self(context);
        // The ID is fixed by now, so the time in it cannot be changed.
        const auto& engine = *static_cast<const Traits::SessionEngine*>(Operation::session());
        if (engine.ends_early()) return;
        br_ssl_session_cache_lru& sessions = cache.sessions_;
        const Locked locked(cache.mutex_);
        sessions.vtable->save(&sessions.vtable, server, session);
    }
    static int load(const br_ssl_session_cache_class** context, br_ssl_server_context* server,
                    br_ssl_session_parameters* session) {
        SessionCache& cache = self(context);
        if (!is_ticket_good(number32(session->session_id + time_at),
                            ticket_stamp(*cache.environment_), cache.lifetime_))
            return 0;
        br_ssl_session_cache_lru& sessions = cache.sessions_;
        const Locked locked(cache.mutex_);
        return sessions.vtable->load(&sessions.vtable, server, session);
    }
    static constexpr br_ssl_session_cache_class vtable{sizeof(SessionCache), save, load};
};

SessionCache::SessionCache(const ContextConfig& config, const Environment& environment)
    : vtable_(&Callbacks::vtable),
      environment_(&environment),
      lifetime_(session_lifetime(config)),
      size_(config.session_cache_size),
      sessions_() {
    br_ssl_session_cache_lru_init(&sessions_, reinterpret_cast<unsigned char*>(this + 1), size_);
}

SessionCache* SessionCache::make(const ContextConfig& config, const Environment& environment) {
    const std::size_t size = config.session_cache_size;
    static_assert(std::is_standard_layout_v<SessionCache>);
    if (size > SIZE_MAX - sizeof(SessionCache)) return nullptr;
    void* memory = ussl::allocate(sizeof(SessionCache) + size);
    return memory == nullptr ? nullptr : new (memory) SessionCache(config, environment);
}

void SessionCache::release(SessionCache* cache) {
    if (cache == nullptr) return;
    wipe({reinterpret_cast<std::uint8_t*>(cache), sizeof *cache + cache->size_});
    ussl::release(cache);
}

void SessionCache::stamp(br_ssl_session_parameters& session, std::string_view name) const {
    write32(session.session_id + time_at, ticket_stamp(*environment_));
    std::uint8_t digest[br_sha256_SIZE];
    digest_of(name, digest);
    std::memcpy(session.session_id + name_at, digest, name_size);
}

bool SessionCache::is_for(const br_ssl_session_parameters& session, std::string_view name) {
    std::uint8_t digest[br_sha256_SIZE];
    digest_of(name, digest);
    return equal({session.session_id + name_at, name_size}, {digest, name_size});
}

} // namespace ussl::bearssl
