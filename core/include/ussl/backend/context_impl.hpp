// The member functions of ContextOf. Included by the adapter's source file that defines the engine.
#pragma once

#include "ussl/backend/check_settings.hpp"
#include "ussl/backend/checked_engine.hpp"
#include "ussl/backend/context_of.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/usable_suites.hpp"

#include <memory>
#include <new>

namespace ussl {

template<class Traits>
USSL_WITH_SWITCHES Error ContextOf<Traits>::open(const ContextConfig& config,
                                                 const Environment& environment) {
    contract::check_context_engine<Traits>();
    using Engine = contract::CheckedContextEngine<Traits>;

    const ProgramLock lock; // checks use the library's hashes before there is an operation
    if (open_) return {Err::invalid_state};
    OwnKeys keys;
    const Error found =
        check_config(config, environment, Traits::capabilities, Traits::suites(), keys);
    if (found.code != Err::none) return found;
    ContextConfig checked = config;
    UsableSuites usable;
    Err error = choose_suites(checked, Traits::suites(), Traits::capabilities, keys, usable);
    if (error != Err::none) return {error};
#if USSL_RESUMPTION && USSL_VERIFY_CALLBACK
    VerifyCallback& callback = checked.verify_callback;
    if (config.resumption && callback.accept != nullptr && callback.version.empty()) {
        if (!environment.random(environment.user, MutableBytes{callback_version_}))
            return {Err::no_randomness};
        callback.version = Bytes{callback_version_};
    }
#endif
    Operation::Owner owner{&environment};
    const Operation under_way(owner);
    Engine* engine = new (storage_) Engine();
    error = engine->start(checked, environment);
    if (error != Err::none) {
        std::destroy_at(engine);
        return {error, 0, owner.library_error};
    }
    setup_.set(checked);
    setup_.expectations.can = &Traits::capabilities;
#if USSL_PINS
    setup_.expectations.sha256 = Traits::backend().sha256;
#endif
    if constexpr (Traits::capabilities.resumption) resumption_ = config.resumption;
    if constexpr (Traits::capabilities.handshake_timeout)
        handshake_timeout_ = config.handshake_timeout;
    environment_ = &environment;
    open_ = true;
    return {};
}

template<class Traits>
void ContextOf<Traits>::close() {
    if (!open_) return;
    Operation::Owner owner{environment_};
    const Operation under_way(owner);
    std::destroy_at(&engine());
    wipe({reinterpret_cast<std::uint8_t*>(storage_), sizeof storage_});
    open_ = false;
}

} // namespace ussl
