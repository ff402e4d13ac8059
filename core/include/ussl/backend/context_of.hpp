// The concrete context of a backend. Its engine lies in raw bytes, so that this header does not
// include the library's.
#pragma once

#include "ussl/backend/refused_sessions.hpp"
#include "ussl/backend/session_setup.hpp"

#include <cstddef>
#include <new>

namespace ussl {

template<class Traits>
class ContextOf final : public Context {
public:
    ContextOf() = default;
    ContextOf(const ContextOf&) = delete;
    ContextOf& operator=(const ContextOf&) = delete;

    USSL_WITH_SWITCHES Error open(const ContextConfig& config,
                                  const Environment& environment) USSL_OVERRIDE;
    void close() USSL_OVERRIDE;
    bool is_open() const USSL_OVERRIDE { return open_; }
    const Backend& backend() const USSL_OVERRIDE { return Traits::backend(); }

private:
    template<class>
    friend class SessionOf;

    typename Traits::ContextEngine& engine() {
        return *std::launder(reinterpret_cast<typename Traits::ContextEngine*>(storage_));
    }

    bool open_ = false;
    SessionSetup setup_{}; // each session of this context starts with it
    bool resumption_ = false;
#if USSL_RESUMPTION
    RefusedSessions refused_sessions_;
#if USSL_VERIFY_CALLBACK
    std::uint8_t callback_version_[16]; // used if the program's callback has none
#endif
#endif
    std::uint32_t handshake_timeout_ = 0;
    const Environment* environment_ = nullptr;
    alignas(std::max_align_t) std::byte storage_[Traits::context_size];
};

} // namespace ussl
