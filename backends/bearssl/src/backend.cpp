#include "session_engine.hpp"

#include "ussl/backend/engine_impl.hpp"

namespace ussl {

namespace bearssl {

const Backend& backend() {
    // BearSSL does not tell its version, in no header and no function.
    static constexpr Backend self{"bearssl", [] { return std::string_view{"0.6"}; }, capabilities};
    return self;
}

} // namespace bearssl

template class ContextOf<bearssl::Traits>;
template class SessionOf<bearssl::Traits>;

} // namespace ussl
