#include "open_context.hpp"

#include "module.h"

#include <new>

namespace ussl::binding {

OpenContext* new_open_context() {
    auto* self = static_cast<OpenContext*>(m_malloc_with_finaliser(sizeof(OpenContext)));
    self->base.type = &ussl_open_context_type;
    self->discarded = false;
    self->sessions = 0;
    self->anchors = nullptr;
    self->chain = nullptr;
    self->key = nullptr;
    self->protocols = nullptr;
    new (&self->context) selected::Context();
    return self;
}

void remove_session(OpenContext& self) {
    if (--self.sessions == 0 && self.discarded) self.context.close();
}

void discard(OpenContext& self) {
    self.discarded = true;
    if (self.sessions == 0) self.context.close();
}

} // namespace ussl::binding

mp_obj_t ussl_open_context_finalise(mp_obj_t self) {
    ussl::binding::discard(*static_cast<ussl::binding::OpenContext*>(MP_OBJ_TO_PTR(self)));
    return mp_const_none;
}
