// PEM: every block is within the buffer, and max_der_size() always suffices. Corpus: the .pem files
// of tests/certs/make.py.
#include "ussl/pem.hpp"

#include <cstdlib>
#include <memory>

using namespace ussl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    const std::size_t capacity = pem::max_der_size(size);
    const std::unique_ptr<std::uint8_t[]> buffer(new std::uint8_t[capacity]);
    pem::Reader reader(input);
    std::size_t total = 0;
    for (;;) {
        pem::Block block;
        const Err error = reader.next({buffer.get(), capacity}, block);
        if (error == Err::no_memory) std::abort();
        if (error != Err::none || block.label.empty()) break;
        if (block.encrypted != block.der.empty()) std::abort();
        if (!block.encrypted && block.der.data() != buffer.get()) std::abort();
        const char* const text = reinterpret_cast<const char*>(data);
        if (block.body.data() < text || block.body.data() + block.body.size() > text + size)
            std::abort();
        total += block.der.size();
        if (total > capacity || !pem::is_pem(input)) std::abort();
    }
    return 0;
}
