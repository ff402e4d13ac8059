// The peer that shows a chain and is judged for it.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace ussl::test {

class Peer {
public:
    virtual ~Peer() = default;
    virtual Bytes output() = 0;
    virtual void consume(std::size_t count) = 0;
    // Returns how many bytes were taken.
    virtual std::size_t input(Bytes from) = 0;
    virtual bool established() const = 0;
    // The alert that ended it; 0: none.
    virtual unsigned alert() const = 0;
};

// One that shows any chain, readable or not, in TLS 1.2: a library by itself that sends what it is
// given (prover.cpp, in its backend's folder). The backends would not: they check their own
// certificates first.
class Prover final : public Peer {
public:
    // As a server, or as a client that trusts the server which has this certificate, whatever its
    // name. All must stay valid.
    Prover(Role role, std::span<const Bytes> chain, Bytes private_key, Bytes server_certificate);
    ~Prover() override;

    Bytes output() override;
    void consume(std::size_t count) override;
    std::size_t input(Bytes from) override;
    bool established() const override;
    unsigned alert() const override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace ussl::test
