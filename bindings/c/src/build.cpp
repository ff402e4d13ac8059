// What the build is and can do, errors' texts, and what the device gives.
#include "objects.hpp"

#include "ussl/capabilities.hpp"
#include "ussl/protocol.hpp"

using namespace ussl::c;

// Texts of the C++ interface are string literals: they end with a NUL.
const char* ussl_message(uint16_t code) {
    return ussl::message(static_cast<ussl::Err>(code)).data();
}
uint8_t ussl_alert_for(uint16_t code) {
    return static_cast<uint8_t>(ussl::alert_for(static_cast<ussl::Err>(code)));
}
const char* ussl_alert_name(uint8_t alert) { return ussl::alert_name(alert).data(); }

const char* ussl_backend_name(void) { return ussl::selected::backend().name.data(); }
const char* ussl_library_version(void) {
    return ussl::selected::backend().library_version().data();
}
bool ussl_can(const char* capability) {
    const std::string_view name = as_text(capability);
    for (const ussl::CapabilityName& row : ussl::capability_names)
        if (row.name == name) return ussl::selected::backend().capabilities.*row.member;
    return false;
}
const uint16_t* ussl_suites(size_t* count) {
    const std::span<const std::uint16_t> suites = ussl::selected::backend().suites;
    *count = suites.size();
    return suites.data();
}
const char* ussl_suite_name(uint16_t suite) {
    const std::string_view name = ussl::suite_name(suite);
    return name.empty() ? "" : name.data();
}
uint16_t ussl_suite_number(const char* name) { return ussl::suite_number(as_text(name)); }
bool ussl_sha256(ussl_bytes data, uint8_t digest[32]) {
    return ussl::selected::backend().sha256(as_span(data),
                                            *reinterpret_cast<std::uint8_t(*)[32]>(digest));
}

#if USSL_HOSTED
const ussl_environment* ussl_posix_environment(void) {
    return as<const ussl_environment*>(&ussl::posix_environment());
}
#endif
void ussl_set_allocator(void* (*allocate)(size_t size), void (*release)(void* memory)) {
    ussl::set_allocator({allocate, release});
}

void ussl_set_record_allocator(void* (*allocate)(size_t size), void (*release)(void* memory)) {
    ussl::set_record_allocator({allocate, release});
}
#if USSL_LOCKS
void ussl_set_locks(void (*lock)(void* user), void (*unlock)(void* user), void* user) {
    ussl::set_locks({user, lock, unlock});
}
#endif
void ussl_wipe(void* secret, size_t size) { ussl::wipe(secret, size); }
