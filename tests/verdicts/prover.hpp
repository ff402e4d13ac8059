// The peer that shows a chain, on which a verdict is given.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/session.hpp"

#include <algorithm>
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

// Shows any chain, readable or not, in TLS 1.2: a library without ussl that sends the given bytes
// (prover.cpp, in its backend's folder). Backends would not, as they check their own certificates
// first.
class Prover final : public Peer {
public:
    // As a server; or as a client that trusts the server with this certificate, whatever its name.
    // All arguments must stay valid.
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

// Runs both sides until nothing moves any more.
inline Status shake_hands(Session& judge, Peer& peer) {
    Status status = Status::want_read;
    bool moved = true;
    while (moved) {
        moved = false;
        if (status == Status::want_read || status == Status::want_write) status = judge.handshake();
        for (Bytes out = judge.output(); !out.empty(); out = judge.output()) {
            const std::size_t taken = peer.input(out);
            if (taken == 0) break;
            judge.output_consume(taken);
            moved = true;
        }
        for (Bytes out = peer.output(); !out.empty(); out = peer.output()) {
            const MutableBytes space = judge.input_space();
            const std::size_t size = std::min(space.size(), out.size());
            std::copy_n(out.begin(), size, space.begin());
            judge.input_commit(size);
            // Bytes for a session that has ended are lost, as on a closed connection.
            peer.consume(size != 0 ? size : out.size());
            moved = true;
            if (size != 0) break;
        }
    }
    return status;
}

} // namespace ussl::test
