#include "open_context.hpp"

#include "module.h"
#include "shared_lock.hpp"

#include <new>

namespace ussl::binding {

OpenContext* new_open_context(const Settings& settings) {
    auto* self = static_cast<OpenContext*>(m_malloc_with_finaliser(sizeof(OpenContext)));
    self->base.type = &ussl_open_context_type;
    self->discarded = false;
    self->sessions = 0;
    self->settings = settings;
    self->more_credentials = nullptr;
    self->raised = MP_OBJ_NULL;
    self->found_key = MP_OBJ_NULL;
    new (&self->context) selected::Context();
    return self;
}

void add_session(OpenContext& self) {
    const SharedLock lock;
    ++self.sessions;
}

void remove_session(OpenContext& self) {
    const SharedLock lock;
    if (--self.sessions == 0 && self.discarded) self.context.close();
}

void discard(OpenContext& self) {
    const SharedLock lock;
    self.discarded = true;
    if (self.sessions == 0) self.context.close();
}

} // namespace ussl::binding

mp_obj_t ussl_open_context_finalise(mp_obj_t self) {
    ussl::binding::discard(*static_cast<ussl::binding::OpenContext*>(MP_OBJ_TO_PTR(self)));
    return mp_const_none;
}
