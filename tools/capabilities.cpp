// Prints what the selected backend can do, one "name value" a line: the source of the table
// in docs/backends.md.
#include "ussl/selected_backend.hpp"

#include <cstdio>

int main() {
    const ussl::Backend& backend = ussl::selected::backend();
    const std::string_view version = backend.library_version();
    std::printf("library %.*s %.*s\n", static_cast<int>(backend.name.size()), backend.name.data(),
                static_cast<int>(version.size()), version.data());
    for (const ussl::CapabilityName& capability : ussl::capability_names)
        std::printf("%.*s %d\n", static_cast<int>(capability.name.size()), capability.name.data(),
                    backend.capabilities.*capability.member ? 1 : 0);
}
