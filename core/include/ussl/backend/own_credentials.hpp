// A context's own credentials, in the form of the adapter's library.
#pragma once

#include "ussl/backend/memory.hpp"
#include "ussl/context.hpp"

#include <memory>
#include <new>

namespace ussl {

// One `T` for each credential, constructed in place, in memory of ussl::allocator().
template<class T>
class OwnCredentials {
public:
    OwnCredentials() = default;
    OwnCredentials(const OwnCredentials&) = delete;
    OwnCredentials& operator=(const OwnCredentials&) = delete;
    ~OwnCredentials() {
        while (count_ != 0)
            std::destroy_at(all_ + --count_);
        ussl::release(all_);
    }

    // Calls Err read(T&, const Credential&) for each credential of a context, until one fails.
    // Preconditions: `config` has a credential; this is the first call.
    template<class Read>
    Err read(const ContextConfig& config, Read read) {
        const std::size_t count = 1 + config.more_credentials.size();
        all_ = allocate_for<T>(count);
        if (all_ == nullptr) return Err::no_memory;
        Err error = Err::none;
        while (error == Err::none && count_ != count) {
            T* const one = new (all_ + count_) T;
            error =
                read(*one, count_ == 0 ? config.credential : config.more_credentials[count_ - 1]);
            ++count_;
        }
        return error;
    }

    // `number`: as choose_credential() returns it.
    T& operator[](std::size_t number) { return all_[number]; }
    const T& operator[](std::size_t number) const { return all_[number]; }
    std::span<const T> all() const { return {all_, count_}; }

private:
    T* all_ = nullptr;
    std::size_t count_ = 0; // how many are constructed
};

} // namespace ussl
