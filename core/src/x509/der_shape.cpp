#include "ussl/x509/der_shape.hpp"

namespace ussl::der {
namespace {

// Returns the `leave` of this structure; null where `der` is another one. As deep as the tables.
const Step* read_structure(const Bytes& der, const Step* step, std::uint8_t* into) {
    Row row(der);
    unsigned action;
    for (; ((action = step->action) & leave) == 0; ++step) {
        const std::uint8_t* const begin = row.rest.data();
        if ((action & optional) != 0 && (row.at_end() || *begin != step->tag)) {
            if ((action & enter) != 0)
                while ((step->action & leave) == 0)
                    ++step;
            continue;
        }
        const std::uint8_t tag = row.take();
        Bytes& value = row.value;
        if (tag == 0 || ((action & any_tag) == 0 && tag != step->tag) ||
            ((action & octet) != 0 && value.size() != 1))
            return nullptr;
        if ((action & bytes) != 0) {
            if (value.empty() || value[0] != 0) return nullptr;
            value = value.subspan(1);
        }
        auto& target = *reinterpret_cast<Bytes*>(into + step->into * Step::unit);
        if ((action & store) != 0) target = value;
        if ((action & store_whole) != 0) target = {begin, row.rest.data()};
        if ((action & enter) != 0) {
            step = read_structure(value, step + 1, into);
            if (step == nullptr) return nullptr;
        }
    }
    return row.at_end() || (action & optional) != 0 ? step : nullptr;
}

} // namespace

bool read(const Bytes& der, const Step* steps, void* into) {
    return read_structure(der, steps, static_cast<std::uint8_t*>(into)) != nullptr;
}

} // namespace ussl::der
