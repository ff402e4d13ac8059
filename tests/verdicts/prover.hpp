// A peer that shows any chain, readable or not: BearSSL by itself, which sends what it is given.
// The backends would not: they check their own certificates first.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace ussl::test {

class Prover {
public:
    // As a server, or as a client that trusts the server which has this certificate, whatever its
    // name. All must stay valid.
    Prover(Role role, std::span<const Bytes> chain, Bytes private_key, Bytes server_certificate);
    ~Prover();

    Bytes output() const;
    void consume(std::size_t count);
    // Returns how many bytes were taken.
    std::size_t input(Bytes from);

    bool established() const;
    // The alert that ended it; 0: none.
    unsigned alert() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace ussl::test
