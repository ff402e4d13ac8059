// The module `faults` of the tests: lets single allocations of the interpreter's heap fail, and counts what the libraries hold.
//
//   faults.fail(at, for_good)   the at-th allocation from now fails, and with for_good all later ones; at = 0: none
//   faults.stop()               none fails any more; how many allocations there were since fail()
//   faults.blocks()             how many blocks of the heap the libraries hold
//   faults.search(inverse)      how many times the heap has the bytes whose bits these are the inverse of
#include "py/gc.h"
#include "py/obj.h"
#include "py/runtime.h"

size_t faults_blocks_in_use(void); // blocks_in_use.cpp

static size_t calls, fail_at;
static bool fail_for_good;

static bool fails(void) {
    ++calls;
    return fail_at != 0 && (fail_for_good ? calls >= fail_at : calls == fail_at);
}

// The linker's --wrap gives the real ones, and takes these for theirs.
void *__real_gc_alloc(size_t n_bytes, unsigned int alloc_flags);
void *__wrap_gc_alloc(size_t n_bytes, unsigned int alloc_flags);
void *__real_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);
void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move);

void *__wrap_gc_alloc(size_t n_bytes, unsigned int alloc_flags) {
    return n_bytes != 0 && fails() ? NULL : __real_gc_alloc(n_bytes, alloc_flags);
}

// What gets smaller, or goes, never fails.
void *__wrap_gc_realloc(void *ptr, size_t n_bytes, bool allow_move) {
    bool grows = ptr == NULL || n_bytes > gc_nbytes(ptr);
    return grows && fails() ? NULL : __real_gc_realloc(ptr, n_bytes, allow_move);
}

static mp_obj_t faults_fail(mp_obj_t at, mp_obj_t for_good) {
    fail_at = mp_obj_get_int(at);
    fail_for_good = mp_obj_is_true(for_good);
    calls = 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(faults_fail_obj, faults_fail);

static mp_obj_t faults_stop(void) {
    fail_at = 0;
    return MP_OBJ_NEW_SMALL_INT(calls);
}
static MP_DEFINE_CONST_FUN_OBJ_0(faults_stop_obj, faults_stop);

static mp_obj_t faults_blocks(void) {
    return MP_OBJ_NEW_SMALL_INT(faults_blocks_in_use());
}
static MP_DEFINE_CONST_FUN_OBJ_0(faults_blocks_obj, faults_blocks);

static mp_obj_t faults_search(mp_obj_t inverse) {
    mp_buffer_info_t info;
    mp_get_buffer_raise(inverse, &info, MP_BUFFER_READ);
    const byte *wanted = info.buf;
    size_t found = 0;
    for (const byte *at = MP_STATE_MEM(area).gc_pool_start; at + info.len <= MP_STATE_MEM(area).gc_pool_end; ++at) {
        size_t same = 0;
        while (same < info.len && (at[same] ^ wanted[same]) == 0xff) {
            ++same;
        }
        found += same == info.len;
    }
    return MP_OBJ_NEW_SMALL_INT(found);
}
static MP_DEFINE_CONST_FUN_OBJ_1(faults_search_obj, faults_search);

static const mp_rom_map_elem_t faults_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_faults) },
    { MP_ROM_QSTR(MP_QSTR_fail), MP_ROM_PTR(&faults_fail_obj) },
    { MP_ROM_QSTR(MP_QSTR_stop), MP_ROM_PTR(&faults_stop_obj) },
    { MP_ROM_QSTR(MP_QSTR_blocks), MP_ROM_PTR(&faults_blocks_obj) },
    { MP_ROM_QSTR(MP_QSTR_search), MP_ROM_PTR(&faults_search_obj) },
};
static MP_DEFINE_CONST_DICT(faults_globals, faults_globals_table);

const mp_obj_module_t faults_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&faults_globals,
};
MP_REGISTER_MODULE(MP_QSTR_faults, faults_module);
