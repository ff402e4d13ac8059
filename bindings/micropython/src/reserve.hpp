// Memory that a connection finds whatever state the heap is in: ussl.reserve() sets an arena aside
// for each, from which all is cut that one connection takes, its session included. When it ends the
// arena is whole again, for the next one. A connection that finds none, and what has no room in
// its arena, is the heap's.
//
// And accounts of what connections take, for ussl.memory().
#pragma once

#include "module.h"

#if !USSL_HEAP_IS_MALLOC

namespace ussl::binding {

struct Arena;

// What one connection has of the allocator's memory, in bytes; zeroes at first.
struct Account {
    Arena* arena; // null: it has none
    std::size_t in_use, most;
    std::size_t least;   // between two calls, once the handshake was over; 0: it never was
    std::size_t largest; // of all that it asked for in one piece
    std::size_t lacked;  // what it asked for last, and did not get
};

// What the present thread asks the allocator for, while this exists, is for that connection's
// account. They may be nested. Nothing that raises may pass one by.
class Working {
public:
    explicit Working(Account& account);
    ~Working();
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;

private:
    friend Account* account_at_work();
    Account& account_;
    const void* const thread_;
    Working* outer_;
};

// nullptr: no connection's call is under way.
Account* account_at_work();
void note_taken(Account& account, std::size_t size);
void note_released(Account& account, std::size_t size);
// At the end of a call of an established session.
void note_rest(Account& account);

// An arena that no connection has, if need be after a collection. Never raises.
Arena* take_arena();
// Whether there is one without a collection.
bool has_free_arena();
// What is over: gives its arena back, and adds its figures to those of ussl.memory(). Works within
// finalisers.
void close(Account& account);

// Zeroed memory; nullptr: there is no room.
void* cut(Arena& arena, std::size_t size);
// Which one it was cut from; nullptr: it was not.
Arena* arena_of(const void* memory);
// Works within finalisers.
void give_back(Arena& arena, void* memory);
std::size_t size_of_cut(const void* memory);

// To be called when the module is imported: after a soft reset there are no arenas any more.
void begin_reserve();

// What is set aside for one connection, in bytes.
std::size_t size_for_connection();

} // namespace ussl::binding

#endif
