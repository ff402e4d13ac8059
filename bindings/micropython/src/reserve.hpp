// Memory that is available whatever state the heap is in: ussl.reserve() makes an arena for each
// connection, which takes all its memory from there, including its session. When the connection
// ends the arena is whole again, for the next one. Connections without a free arena, and memory
// that does not fit into it, use the heap.
//
// Also accounts of the connections' memory, for ussl.memory().
#pragma once

#include "module.h"

#if !USSL_HEAP_IS_MALLOC

namespace ussl::binding {

struct Arena;

// A connection's allocated memory, in bytes; zeros at first.
struct Account {
    Arena* arena; // null: none
    std::size_t in_use, most;
    std::size_t least;   // between two calls, after the handshake; 0: not established
    std::size_t largest; // of all requests
    std::size_t lacked;  // size of the last request that failed
};

// While this exists, the present thread's allocations count for that connection. They may be
// nested. An exception must not pass one.
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

// nullptr: no connection's call is running.
Account* account_at_work();
void note_taken(Account& account, std::size_t size);
void note_released(Account& account, std::size_t size);
// Call it at the end of a call of an established session.
void note_rest(Account& account);

// A free arena, if necessary after a collection. Never raises.
Arena* take_arena();
// Whether one is free without a collection.
bool has_free_arena();
// For a finished connection: gives its arena back, and adds its figures to ussl.memory(). May be
// called in finalisers.
void close(Account& account);

// Zeroed memory. nullptr: no room.
void* cut(Arena& arena, std::size_t size);
// The arena that the memory is in. nullptr: none.
Arena* arena_of(const void* memory);
// May be called in finalisers.
void give_back(Arena& arena, void* memory);
std::size_t size_of_cut(const void* memory);

// Call it when the module is imported: after a soft reset there are no arenas.
void begin_reserve();

// The size of an arena for one connection, in bytes.
std::size_t size_for_connection();

} // namespace ussl::binding

#endif
