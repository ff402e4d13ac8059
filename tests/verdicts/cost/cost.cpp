// The cost of the rules on a Cortex-M4: instructions for the verdict on a leaf, an intermediate and
// an anchor, counted by QEMU's timer (tools/verdict-cost). Signatures are taken for valid.
#include "chain.hpp"

#include "ussl/x509/path.hpp"

#include <cstdint>

using namespace ussl;

extern "C" {
extern std::uint32_t stack_top;
void reset();
int main_loop();
// Functions that the compiler calls for loops and assignments.
void* memcpy(void* to, const void* from, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        static_cast<char*>(to)[i] = static_cast<const char*>(from)[i];
    return to;
}
void* memset(void* to, int value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        static_cast<char*>(to)[i] = static_cast<char>(value);
    return to;
}
int memcmp(const void* a, const void* b, std::size_t size) {
    const auto* const one = static_cast<const std::uint8_t*>(a);
    const auto* const other = static_cast<const std::uint8_t*>(b);
    for (std::size_t i = 0; i < size; ++i)
        if (one[i] != other[i]) return one[i] - other[i];
    return 0;
}
}

__attribute__((section(".vectors"), used)) static void* const vectors[] = {
    &stack_top, reinterpret_cast<void*>(reset), reinterpret_cast<void*>(reset),
    reinterpret_cast<void*>(reset)};

namespace {

// Semihosting.
void host(int operation, const void* argument) {
    register int r0 asm("r0") = operation;
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void print_number(const char* what, std::uint32_t number) {
    char text[12];
    char* at = text + sizeof text;
    *--at = 0, *--at = '\n';
    do
        *--at = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    host(4, what), host(4, " "), host(4, at);
}

// The CMSDK timer counts down at 25 MHz; with -icount shift=6 an instruction takes 64 ns.
volatile std::uint32_t* const timer = reinterpret_cast<std::uint32_t*>(0x40000000);
std::uint32_t instructions(std::uint32_t from, std::uint32_t to) { return (from - to) * 40 / 64; }

const Bytes sent[] = {leaf, inter};
const Bytes anchors[] = {root};

template<class Run>
void measure(const char* what, Run run) {
    constexpr unsigned rounds = 100;
    const std::uint32_t from = timer[1];
    for (unsigned i = 0; i < rounds; ++i)
        run();
    print_number(what, instructions(from, timer[1]) / rounds);
}

void verify(const char* what, bool Policy::*off) {
    measure(what, [off] {
        x509::Expectations expected;
        expected.now = now;
        expected.identity.dns_name = "test.example";
        expected.trust_anchors = anchors;
        if (off != nullptr) expected.policy.*off = false;
        const Err verdict =
            x509::verify_path(expected, sent,
                              {nullptr, [](void*, const Bytes&, const x509::Certificate&,
                                           const x509::Certificate&) { return true; }});
        if (verdict != Err::none) host(4, "NOT ACCEPTED\n");
    });
}

} // namespace

void reset() {
    timer[1] = timer[2] = 0xffffffff;
    timer[0] = 1;
    measure("parse", [] {
        x509::Certificate certificate;
        x509::parse(leaf, certificate);
    });
    verify("all", nullptr);
    verify("check_identity", &Policy::check_identity);
    verify("check_time", &Policy::check_time);
    verify("check_purpose", &Policy::check_purpose);
    verify("check_key_strength", &Policy::check_key_strength);
    verify("check_signature_strength", &Policy::check_signature_strength);
    verify("check_constraints", &Policy::check_constraints);
    verify("check_critical_extensions", &Policy::check_critical_extensions);
    host(0x18, reinterpret_cast<const void*>(0x20026)); // exit
    for (;;) {
    }
}
