// The backends that are linked into this test program, selected at run time through their base
// classes.
#pragma once

#include "ussl/context.hpp"
#include "ussl/make_certificate.hpp"
#include "ussl/session.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>

namespace ussl::test {

#if USSL_MAKE_CERTIFICATES
#define USSL_P256_OF(backend) ussl::backend::p256
#else
#define USSL_P256_OF(backend) nullptr
#endif

struct BackendUnderTest {
    const char* name;
    const char* differences; // from its differences.txt: see support/differences.hpp
    const Backend& (*backend)();
    std::size_t context_size, session_size; // sizes of the concrete classes
    Context* (*make_context)(void* storage);
    Session* (*make_session)(void* storage);
    const P256& (*p256)(); // null without make_certificates

    const Capabilities& can() const { return backend().capabilities; }
};

// In the order of the build's backend_names: the chosen one first.
std::span<const BackendUnderTest> backends();

// A context or a session in its own storage, whose bytes can be searched. The storage is filled
// with a pattern, so that nothing relies on memory that happens to be zero.
template<class Base>
class Owned {
public:
    Owned(std::size_t size, Base* (*make)(void*))
        : bytes_(new (alignment) std::uint8_t[size]), size_(size) {
        std::memset(bytes_, fill, size);
        object_ = make(bytes_);
    }
    ~Owned() { ::operator delete[](bytes_, alignment); }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;

    Base& operator*() const { return *object_; }
    Base* operator->() const { return object_; }
    Bytes storage() const { return {bytes_, size_}; }

    static constexpr std::uint8_t fill = 0xa5; // stays between members

private:
    static constexpr std::align_val_t alignment{alignof(std::max_align_t)};
    std::uint8_t* bytes_;
    std::size_t size_;
    Base* object_;
};

struct OwnedContext : Owned<Context> {
    explicit OwnedContext(const BackendUnderTest& b) : Owned(b.context_size, b.make_context) {}
    ~OwnedContext() { (*this)->close(); }
};

struct OwnedSession : Owned<Session> {
    explicit OwnedSession(const BackendUnderTest& b) : Owned(b.session_size, b.make_session) {}
    ~OwnedSession() { (*this)->release(); }
};

} // namespace ussl::test
