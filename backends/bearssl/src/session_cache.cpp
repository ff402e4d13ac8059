#include "session_cache.hpp"

#include <cstring>
#include <new>
#include <type_traits>

namespace ussl::bearssl {
namespace {

constexpr std::uint32_t lifetime = 24 * 3600;

// Of the ID's 32 bytes the first 20 stay random.
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
        br_ssl_session_cache_lru& sessions = cache.sessions_;
        const Locked locked(cache.mutex_);
        sessions.vtable->save(&sessions.vtable, server, session);
    }
    static int load(const br_ssl_session_cache_class** context, br_ssl_server_context* server,
                    br_ssl_session_parameters* session) {
        SessionCache& cache = self(context);
        std::uint32_t then = 0;
        for (std::size_t i = time_at; i < name_at; ++i)
            then = then << 8 | session->session_id[i];
        if (cache.now() - then > lifetime) return 0;
        br_ssl_session_cache_lru& sessions = cache.sessions_;
        const Locked locked(cache.mutex_);
        return sessions.vtable->load(&sessions.vtable, server, session);
    }
    static constexpr br_ssl_session_cache_class vtable{sizeof(SessionCache), save, load};
};

SessionCache::SessionCache(std::size_t size, const Environment& environment)
    : vtable_(&Callbacks::vtable), environment_(&environment), size_(size), sessions_() {
    br_ssl_session_cache_lru_init(&sessions_, reinterpret_cast<unsigned char*>(this + 1), size);
}

SessionCache* SessionCache::make(std::size_t size, const Environment& environment) {
    static_assert(std::is_standard_layout_v<SessionCache>);
    if (size > SIZE_MAX - sizeof(SessionCache)) return nullptr;
    void* memory = ussl::allocate(sizeof(SessionCache) + size);
    return memory == nullptr ? nullptr : new (memory) SessionCache(size, environment);
}

void SessionCache::release(SessionCache* cache) {
    if (cache == nullptr) return;
    wipe({reinterpret_cast<std::uint8_t*>(cache), sizeof *cache + cache->size_});
    ussl::release(cache);
}

// Seconds, as far as 32 bits go: only differences count. Without a clock time stands still.
std::uint32_t SessionCache::now() const {
    UnixTime time = 0;
    if (environment_->now == nullptr || !environment_->now(environment_->user, &time)) time = 0;
    return static_cast<std::uint32_t>(time);
}

void SessionCache::stamp(br_ssl_session_parameters& session, std::string_view name) const {
    std::uint32_t time = now();
    for (std::size_t i = name_at; i-- != time_at; time >>= 8)
        session.session_id[i] = static_cast<unsigned char>(time);
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
