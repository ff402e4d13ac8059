// Arenas are in a list of their own, at another root pointer. Free memory in them is zeroed, except
// the headers of free pieces: the collector looks for pointers there. A connection's own pointers
// in it point into objects, never to their start, so an arena does not keep its socket alive.
#include "reserve.hpp"

#if !USSL_HEAP_IS_MALLOC

#include "errors.hpp"
#include "shared_lock.hpp"

#include "ussl/selected_backend.hpp"

#include <algorithm>
#include <new>

namespace ussl::binding {
namespace {

// Precedes each piece, used or free. Free pieces are linked by address.
struct alignas(std::max_align_t) Piece {
    std::size_t size; // including this header
    Piece* next;
};

// Of all finished connections.
struct Figures {
    std::size_t session, peak, block;
};

constinit Figures figures{};
constinit Working* innermost{};
constinit bool heap_is_gone{};

const void* this_thread() {
#if MICROPY_PY_THREAD
    return mp_thread_get_state();
#else
    return nullptr;
#endif
}

constexpr std::size_t rounded(std::size_t size) {
    return (size + sizeof(Piece) - 1) / sizeof(Piece) * sizeof(Piece);
}

void* memory_of(Piece& piece) { return &piece + 1; }
Piece& piece_of(void* memory) { return *(static_cast<Piece*>(memory) - 1); }
std::uint8_t* end_of(Piece& piece) { return reinterpret_cast<std::uint8_t*>(&piece) + piece.size; }

} // namespace

struct alignas(std::max_align_t) Arena {
    mp_obj_base_t base; // an object, for its finaliser
    Arena* next;
    Piece* free; // by address
    std::size_t size, used;
    bool taken;    // by a connection
    bool unwanted; // free it as soon as nothing is in use

    std::uint8_t* begin() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

namespace {

Arena* first() { return static_cast<Arena*>(MP_STATE_VM(ussl_arenas)); }

void unlink(Arena& arena) {
    if (first() == &arena) {
        MP_STATE_VM(ussl_arenas) = arena.next;
        return;
    }
    for (Arena* each = first(); each != nullptr; each = each->next)
        if (each->next == &arena) each->next = arena.next;
}

// Call it under the lock. The collector frees it then.
void drop_if_unwanted(Arena& arena) {
    if (arena.unwanted && !arena.taken && arena.used == 0) unlink(arena);
}

Arena* new_arena(std::size_t size) {
    auto* memory = gc_alloc(sizeof(Arena) + size, GC_ALLOC_FLAG_HAS_FINALISER);
    if (memory == nullptr) return nullptr;
    std::memset(memory, 0, sizeof(Arena) + size);
    auto* arena = new (memory) Arena{{&ussl_arena_type}, nullptr, nullptr, size, 0, false, false};
    arena->free = new (arena->begin()) Piece{size, nullptr};
    return arena;
}

// Joins `piece` with the next one, if they are adjacent.
void join(Piece& piece) {
    Piece* behind = piece.next;
    if (behind == nullptr || end_of(piece) != reinterpret_cast<std::uint8_t*>(behind)) return;
    piece.size += behind->size;
    piece.next = behind->next;
    *behind = {};
}

Arena* find_free() {
    const SharedLock lock;
    for (Arena* arena = first(); arena != nullptr; arena = arena->next)
        if (!arena->taken && !arena->unwanted) return arena;
    return nullptr;
}

} // namespace

Working::Working(Account& account) : account_(account), thread_(this_thread()) {
    const SharedLock lock;
    outer_ = innermost;
    innermost = this;
}

Working::~Working() {
    const SharedLock lock;
    // Another thread's may have started since.
    Working** at = &innermost;
    while (*at != this)
        at = &(*at)->outer_;
    *at = outer_;
}

Account* account_at_work() {
    const SharedLock lock;
    const void* const thread = this_thread();
    for (const Working* each = innermost; each != nullptr; each = each->outer_)
        if (each->thread_ == thread) return &each->account_;
    return nullptr;
}

void note_taken(Account& account, std::size_t size) {
    account.in_use += size;
    account.most = std::max(account.most, account.in_use);
    account.largest = std::max(account.largest, size);
}

// Memory from another account may be released on this one.
void note_released(Account& account, std::size_t size) {
    account.in_use -= std::min(account.in_use, size);
}

void note_rest(Account& account) {
    account.least = account.least == 0 ? account.in_use : std::min(account.least, account.in_use);
}

bool has_free_arena() { return find_free() != nullptr; }

Arena* take_arena() {
    if (first() == nullptr) return nullptr;
    Arena* arena = find_free();
    if (arena == nullptr && !gc_is_locked() && MP_STATE_MEM(gc_auto_collect_enabled)) {
        gc_collect(); // finds sockets that nobody closed
        arena = find_free();
    }
    if (arena != nullptr) arena->taken = true;
    return arena;
}

void close(Account& account) {
    figures.session = std::max(figures.session, account.least);
    figures.peak = std::max(figures.peak, account.most);
    figures.block = std::max(figures.block, account.largest);
    if (account.arena == nullptr) return;
    const SharedLock lock;
    account.arena->taken = false;
    drop_if_unwanted(*account.arena);
    account.arena = nullptr;
}

void* cut(Arena& arena, std::size_t size) {
    if (size > arena.size) return nullptr;
    const std::size_t needed = sizeof(Piece) + rounded(size);
    const SharedLock lock;
    for (Piece** at = &arena.free; *at != nullptr; at = &(*at)->next) {
        Piece& piece = **at;
        if (piece.size < needed) continue;
        Piece* rest = piece.next;
        if (piece.size > needed + sizeof(Piece)) {
            rest = new (reinterpret_cast<std::uint8_t*>(&piece) + needed)
                Piece{piece.size - needed, piece.next};
            piece.size = needed;
        }
        *at = rest;
        piece.next = nullptr;
        arena.used += piece.size;
        return memory_of(piece);
    }
    return nullptr;
}

Arena* arena_of(const void* memory) {
    const SharedLock lock;
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    for (Arena* arena = first(); arena != nullptr; arena = arena->next) {
        const auto begin = reinterpret_cast<std::uintptr_t>(arena->begin());
        if (address >= begin && address - begin < arena->size) return arena;
    }
    return nullptr;
}

std::size_t size_of_cut(const void* memory) { return piece_of(const_cast<void*>(memory)).size; }

void give_back(Arena& arena, void* memory) {
    const SharedLock lock;
    Piece& piece = piece_of(memory);
    std::memset(memory, 0, piece.size - sizeof(Piece));
    arena.used -= piece.size;
    Piece* before = nullptr;
    Piece* behind = arena.free;
    while (behind != nullptr && behind < &piece) {
        before = behind;
        behind = behind->next;
    }
    piece.next = behind;
    (before != nullptr ? before->next : arena.free) = &piece;
    join(piece);
    if (before != nullptr) join(*before);
    drop_if_unwanted(arena);
}

void begin_reserve() {
    if (!heap_is_gone) return;
    heap_is_gone = false;
    MP_STATE_VM(ussl_arenas) = nullptr;
    figures = {};
}

// The session, a long record in each direction, and the library's memory: pointers and numbers,
// mostly for a handshake. tests/scripts/reserve.py compares it with real connections.
std::size_t size_for_connection() {
    constexpr std::size_t library = 4096 * sizeof(void*);
    return sizeof(selected::Session) + USSL_RECORD_INPUT + USSL_RECORD_OUTPUT + library;
}

} // namespace ussl::binding

using namespace ussl::binding;

// An arena in the list is finalised only at a soft reset, when everything is. Sockets that are
// finalised after it may still release memory to it.
mp_obj_t ussl_arena_finalise(mp_obj_t self) {
    for (Arena* arena = first(); arena != nullptr; arena = arena->next)
        if (arena == MP_OBJ_TO_PTR(self)) heap_is_gone = true;
    return mp_const_none;
}

mp_obj_t ussl_reserve(size_t n_args, const mp_obj_t* args) {
    const mp_int_t count = mp_obj_get_int(args[0]);
    const mp_int_t wanted = n_args > 1 && args[1] != mp_const_none ? mp_obj_get_int(args[1]) : 0;
    if (count < 0 || wanted < 0)
        raise_value_error("reserve() takes a number of connections, and bytes for each");
    const std::size_t size =
        rounded(wanted == 0 ? size_for_connection() : static_cast<std::size_t>(wanted));
    auto missing = static_cast<std::size_t>(count);
    {
        const SharedLock lock;
        for (Arena *arena = first(), *next; arena != nullptr; arena = next) {
            next = arena->next;
            arena->unwanted = missing == 0 || arena->size != size;
            if (!arena->unwanted) --missing;
            drop_if_unwanted(*arena);
        }
    }
    if (missing != 0) gc_collect();
    for (std::size_t taken = 0; taken != missing; ++taken) {
        Arena* arena = new_arena(size);
        if (arena == nullptr) {
            {
                const SharedLock lock;
                // The arenas of this call are at the front.
                for (Arena *each = first(), *next; taken != 0; each = next, --taken) {
                    next = each->next;
                    each->unwanted = true;
                    drop_if_unwanted(*each);
                }
            }
            mp_raise_msg_varg(&mp_type_MemoryError,
                              MP_ERROR_TEXT("reserve(): no %u bytes in one piece"),
                              static_cast<unsigned>(size));
        }
        const SharedLock lock;
        arena->next = first();
        MP_STATE_VM(ussl_arenas) = arena;
    }
    return mp_const_none;
}

mp_obj_t ussl_memory() {
    std::size_t reserved = 0, unused = 0;
    {
        const SharedLock lock;
        for (Arena* arena = first(); arena != nullptr; arena = arena->next) {
            reserved += arena->size;
            unused += arena->size - arena->used;
        }
    }
    const struct {
        qstr name;
        std::size_t value;
    } rows[] = {
        {MP_QSTR_connection, size_for_connection()},
        {MP_QSTR_session, figures.session},
        {MP_QSTR_peak, figures.peak},
        {MP_QSTR_block, figures.block},
        {MP_QSTR_reserved, reserved},
        {MP_QSTR_free, unused},
    };
    const mp_obj_t result = mp_obj_new_dict(std::size(rows));
    for (const auto& row : rows)
        mp_obj_dict_store(result, MP_OBJ_NEW_QSTR(row.name), mp_obj_new_int_from_uint(row.value));
    return result;
}

#endif
