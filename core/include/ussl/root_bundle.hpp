// Root bundles: many trust anchors in little space, searched in place. docs/roots.md describes the
// format byte by byte; tools/embed-roots writes it.
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

// Whether the bytes begin as a root bundle does; neither DER nor PEM begins like that.
bool is_root_bundle(const Bytes& bytes);

class RootBundle {
public:
    RootBundle() : RootBundle(Bytes{}) {}
    // For a bundle that is known to be good, such as the one of the build: nothing is checked. Do
    // not use it for other bytes (even then nothing outside of them is read).
    explicit RootBundle(const Bytes& good);
    RootBundle(const RootBundle&) = delete; // source() points to it
    RootBundle& operator=(const RootBundle&) = delete;

    // Checks the whole bundle: each root, and the checksum over all. The bytes must stay in place
    // as long as this object is used. Err::bad_roots: nothing has changed. Err::unsupported: the
    // build has no USSL_ANCHOR_SOURCE.
    //
    // The checksum detects damage, not manipulation: whoever makes your bundles chooses whom you
    // trust.
    Err open(const Bytes& bundle);

    // Without a bundle it finds nothing.
    const AnchorSource& source() const { return source_; }

    std::size_t roots() const; // number of roots
    UnixTime date() const;     // of the roots' source; 0 without a bundle

private:
    void view(const Bytes& bundle);

    Bytes bytes_;
    AnchorSource source_;
};

// The bundle of the build, from its option USSL_ROOTS. Only builds with that option have this
// function.
Bytes built_in_roots();

} // namespace ussl
