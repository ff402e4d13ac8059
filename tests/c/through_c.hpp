// Contexts and sessions that make every call through ussl.h, so that the suite of the C++ interface
// also tests the C interface.
#pragma once

#include "bindings/c/src/objects.hpp"

#include "ussl/context.hpp"
#include "ussl/session.hpp"

namespace ussl::test {

class ContextThroughC : public Context {
public:
    Error open(const ContextConfig& config, const Environment& environment) override;
    void close() override;
    bool is_open() const override { return ussl_context_is_open(&c_); }
    const Backend& backend() const override { return c::context_in(&c_).backend(); }

    ussl_context* c() { return &c_; }

protected:
    ~ContextThroughC() = default;
    explicit ContextThroughC(void* storage) : c_(*static_cast<ussl_context*>(storage)) {}

private:
    struct Kept;

    ussl_context& c_;
    Kept* kept_ = nullptr; // from open() to close()
};

class SessionThroughC : public Session {
public:
    Error open(Context& context, const PeerIdentity& peer) override;
    void release() override;

    MutableBytes input_space() override;
    bool input_commit(std::size_t count) override { return ussl_session_input_commit(&c_, count); }
    void input_end() override { ussl_session_input_end(&c_); }
    Bytes output() override { return c::as_span(ussl_session_output(&c_)); }
    bool output_consume(std::size_t count) override {
        return ussl_session_output_consume(&c_, count);
    }
    void release_buffers() override { ussl_session_release_buffers(&c_); }

    Status handshake() override { return static_cast<Status>(ussl_session_handshake(&c_)); }
    IoResult read(MutableBytes into) override;
    IoResult write(Bytes from) override;
    Status close() override { return static_cast<Status>(ussl_session_close(&c_)); }

    std::uint32_t timeout() const override { return ussl_session_timeout(&c_); }
    std::size_t readable() const override { return ussl_session_readable(&c_); }
    bool can_read() const override { return ussl_session_can_read(&c_); }
    bool is_established() const override { return ussl_session_is_established(&c_); }
    Error error() const override;
    Version version() const override { return static_cast<Version>(ussl_session_version(&c_)); }
    std::uint16_t suite() const override { return ussl_session_suite(&c_); }
    std::string_view alpn() const override;
    bool peer_restarts() const override { return ussl_session_peer_restarts(&c_); }
    Bytes connection_id() const override { return c::as_span(ussl_session_connection_id(&c_)); }
    Bytes peer_connection_id() const override {
        return c::as_span(ussl_session_peer_connection_id(&c_));
    }
    bool is_newest() const override { return ussl_session_is_newest(&c_); }
    bool is_resumed() const override { return ussl_session_is_resumed(&c_); }
    std::size_t max_fragment_length() const override {
        return ussl_session_max_fragment_length(&c_);
    }
    std::size_t resumption_data(MutableBytes into) override {
        return ussl_session_resumption_data(&c_, into.data(), into.size());
    }
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context) override;
    Bytes peer_certificate() const override {
        return c::as_span(ussl_session_peer_certificate(&c_));
    }

    ussl_session* c() { return &c_; }

protected:
    ~SessionThroughC() = default;
    explicit SessionThroughC(void* storage) : c_(*static_cast<ussl_session*>(storage)) {}

private:
    struct Kept;

    ussl_session& c_;
    Kept* kept_ = nullptr; // from open() to release()
};

// With a backend's storage. ussl_context_init() makes one of the chosen backend; a test program has
// several, and makes them itself.
template<class Concrete>
class ContextOn final : public ContextThroughC {
public:
    ContextOn() : ContextThroughC(&object_) {}

private:
    c::ContextObject<Concrete> object_;
};

template<class Concrete>
class SessionOn final : public SessionThroughC {
public:
    SessionOn() : SessionThroughC(&object_) {}

private:
    Concrete object_;
};

} // namespace ussl::test
