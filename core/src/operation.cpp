#include "ussl/backend/operation.hpp"

namespace ussl {

constinit USSL_PER_THREAD Operation::Owner* Operation::current_ = nullptr;

const Environment* Operation::environment() {
    return current_ != nullptr ? current_->environment : nullptr;
}

void* Operation::session() { return current_ != nullptr ? current_->session : nullptr; }

void Operation::note_resource_error(Err what) {
    if (current_ != nullptr && current_->resource_error == Err::none)
        current_->resource_error = what;
}

Err Operation::resource_error() {
    return current_ != nullptr ? current_->resource_error : Err::none;
}

void Operation::note_library_error(std::int32_t number) {
    if (current_ != nullptr) current_->library_error = number;
}

} // namespace ussl
