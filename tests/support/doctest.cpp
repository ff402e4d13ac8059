#include "support/doctest.hpp"

namespace ussl::test {

const char* name_of(Status status) {
    switch (status) {
    case Status::ok: return "ok";
    case Status::want_read: return "want_read";
    case Status::want_write: return "want_write";
    case Status::closed: return "closed";
    case Status::truncated: return "truncated";
    case Status::failed: return "failed";
    }
    return "no Status";
}

std::string text_of(const Error& error) {
    std::string text = name_of(error.code);
    if (error.alert != 0) text += " alert " + std::to_string(error.alert);
    if (error.library != 0) text += " library " + std::to_string(error.library);
    return text;
}

} // namespace ussl::test
