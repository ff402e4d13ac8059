#include "session_engine.hpp"

#include "ussl/backend/engine_impl.hpp"

namespace ussl {

namespace wolfssl {

const Backend& backend() {
    static constexpr Backend self{"wolfssl", [] { return std::string_view{wolfSSL_lib_version()}; },
                                  capabilities};
    return self;
}

} // namespace wolfssl

template class ContextOf<wolfssl::Traits>;
template class SessionOf<wolfssl::Traits>;

} // namespace ussl
