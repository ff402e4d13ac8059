#include "blocks.hpp"

extern "C" std::size_t faults_blocks_in_use() {
    std::size_t count = 0;
    for (auto* block = static_cast<ussl::binding::Block*>(MP_STATE_VM(ussl_blocks));
         block != nullptr; block = block->next)
        ++count;
    return count;
}
