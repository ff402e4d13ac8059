// Builds a string in the interpreter's memory.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"

#include <string_view>

namespace ussl::binding {

// Trivially destructible: exceptions may pass through its frame.
class Text {
public:
    explicit Text(std::string_view start = {}, std::string_view detail = {}) {
        vstr_init_print(&text_, start.size() + 1, &print_);
        add(start);
        if (detail.empty()) return;
        print(": ");
        add(detail);
    }
    Text(const Text&) = delete; // print_ has its address
    Text& operator=(const Text&) = delete;

    void add(std::string_view more) { vstr_add_strn(&text_, more.data(), more.size()); }

    // Bytes from a peer: everything but printable ASCII is replaced.
    void add_foreign(Bytes bytes) {
        for (const std::uint8_t byte : bytes)
            vstr_add_char(&text_, byte > 0x20 && byte < 0x7f ? byte : '?');
    }

    // 4 or 16 bytes: 192.0.2.1, or 2001:db8:0:0:0:0:0:1 by the format for a group.
    void add_address(Bytes address, const char* group = ":%x");

    // As mp_printf().
    template<class... Arguments>
    void print(const char* format, Arguments... arguments) {
        mp_printf(&print_, format, arguments...);
    }
    mp_obj_t object() const { return mp_obj_new_str(text_.buf, text_.len); }

private:
    vstr_t text_;
    mp_print_t print_;
};

} // namespace ussl::binding
