// A shim for the runner of BoringSSL's tests (ssl/test/PORTING.md there): the library under test
// behind a command line. README.md says how the two are brought together.
//
// Exits with 0 when all went as wanted; 1 when it did not, with ":name_of_error:" on standard
// error; 89 where a test asks for what the product does not have; 90 for what must never happen.
#include "context.hpp"
#include "conversation.hpp"
#include "options.hpp"

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace bogo {
namespace {

int run(const CommandLine& line) {
    if (line.first.shim_shuts_down && line.first.check_close_notify)
        not_offered("a close() that waits for the peer's close_notify");
    check_groups(line.first.curves);

    std::vector<std::unique_ptr<OpenContext>> contexts; // sessions may outlive their turn
    std::vector<std::uint8_t> resumption;
    for (int i = 0; i <= line.first.resume_count; ++i) {
        const Options& options = i == 0 ? line.first : line.later;
        if (contexts.empty() || contexts.back()->options() != options.context) {
            if (i > 0 && options.context.server && !options.expect_session_miss)
                not_offered("a server's context that changes and keeps its sessions");
            contexts.push_back(std::make_unique<OpenContext>(options.context));
        }
        Conversation conversation(options, *contexts.back(), resumption);
        if (!conversation.run(i > 0)) {
            std::fprintf(stderr, "connection %d failed\n", i + 1);
            return 1;
        }
        add_seconds(options.resumption_delay);
    }
    return 0;
}

} // namespace
} // namespace bogo

int main(int count, char** arguments) {
    if (count > 1 && std::strcmp(arguments[1], "-is-handshaker-supported") == 0) {
        std::puts("No"); // BoringSSL's alone
        return 0;
    }
    return bogo::run(bogo::read_command_line(count, arguments));
}
