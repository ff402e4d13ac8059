#include "staging.hpp"

namespace ussl::mbedtls {

MutableBytes Staging::input_space() {
    if (datagrams_ && received_ != 0) return {}; // one at a time
    return receives_directly() ? wanted_.subspan(received_) : input_.space();
}

void Staging::input_commit(std::size_t count) {
    if (receives_directly())
        received_ += count;
    else
        input_.commit(count);
}

Bytes Staging::output() const { return output_.empty() ? held_ : output_.front(); }

void Staging::output_consume(std::size_t count) {
    if (output_.empty())
        held_ = held_.subspan(count);
    else
        output_.consume(count);
}

std::size_t Staging::receive(MutableBytes into) {
    // What came directly lies at the front of `into` already.
    std::size_t count = received_;
    if (count == 0) count = input_.take(into);
    received_ = 0;
    starved_ = count == 0;
    wanted_ = starved_ ? into : MutableBytes{};
    return count;
}

std::size_t Staging::send(Bytes records) {
    if (holding_) {
        if (!held_.empty()) return 0;
        holding_ = false;
        return records.size();
    }
    if (!datagrams_ && output_.append(records, gathers_)) return records.size();
    held_ = records;
    holding_ = true;
    return 0;
}

} // namespace ussl::mbedtls
