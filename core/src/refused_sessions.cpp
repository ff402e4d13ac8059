#include "ussl/backend/refused_sessions.hpp"

#include "ussl/backend/wire.hpp"

#if USSL_RESUMPTION

namespace ussl {

RefusedSessions::Mark RefusedSessions::mark_of(Bytes framed) {
    if (framed.size() < sizeof(Mark)) return 0;
    const Mark mark = number32(framed.data());
    return mark != 0 ? mark : Mark{1};
}

void RefusedSessions::add(Mark mark) {
    const Locked locked(mutex_);
    marks_[next_++ % count] = mark;
}

bool RefusedSessions::has(Mark mark) const {
    const Locked locked(mutex_);
    for (const Mark refused : marks_)
        if (refused == mark) return true;
    return false;
}

} // namespace ussl

#endif
