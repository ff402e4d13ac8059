// Root bundles: many trust anchors in little room, found where they lie. docs/roots.md has the form
// byte by byte; tools/embed-roots writes it.
//
//   ussl::RootBundle roots;
//   if (const ussl::Err error = roots.open(bytes); error != ussl::Err::none) …
//   config.anchor_source = &roots.source();
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/callbacks.hpp"
#include "ussl/error.hpp"
#include "ussl/time.hpp"

#include <cstddef>

namespace ussl {

// Whether the bytes are meant for a root bundle, as their first ones say: neither DER nor PEM.
bool is_root_bundle(const Bytes& bytes);

class RootBundle {
public:
    RootBundle() : RootBundle(Bytes{}) {}
    // A bundle that is known to be good, as the one in the build is: nothing is checked. Not to be
    // used with other bytes; even so, nothing outside of them is read.
    explicit RootBundle(const Bytes& good);
    RootBundle(const RootBundle&) = delete; // source() points to it
    RootBundle& operator=(const RootBundle&) = delete;

    // Checks the whole bundle, each root and the checksum over all: Err::none, or bad_roots, and
    // then it stays as it was; unsupported in a build without USSL_ANCHOR_SOURCE. The bytes must
    // stay where they are as long as this is used. The checksum tells damage and not who made it:
    // take bundles from those only whom you would let choose your roots.
    Err open(const Bytes& bundle);

    // Without a bundle it finds nothing.
    const AnchorSource& source() const { return source_; }

    std::size_t roots() const; // how many
    UnixTime date() const;     // of what it was made of; 0 without a bundle

private:
    void view(const Bytes& bundle);

    Bytes bytes_;
    AnchorSource source_;
};

// The bundle that the build has in it: USSL_ROOTS of its options. Linked only where it is.
Bytes built_in_roots();

} // namespace ussl
