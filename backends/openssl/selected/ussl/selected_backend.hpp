// The backend of this build, by the one name that callers use: ussl::selected.
#pragma once

#include "ussl/openssl.hpp"

namespace ussl {
namespace selected = openssl;
}
