// A key that the device makes for itself, a certificate for it that it signs itself, and a request
// for one that an authority signs. On the curve secp256r1, signed with ECDSA and SHA-256. Only in
// builds with USSL_MAKE_CERTIFICATES.
//
//     std::uint8_t key[ussl::made_key_size], room[1024];
//     ussl::Bytes certificate;
//     const ussl::Bytes names[] = {ussl::as_bytes("device.local"), ussl::as_bytes("192.168.4.1")};
//     Err error = make_key(ussl::selected::p256(), environment, key);
//     error = make_certificate(ussl::selected::p256(), environment, {key, names, 3650}, room,
//                              certificate);
//
// The functions may be called at any time, from any thread, whether or not a context is open.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ussl {

// The arithmetic that is left to the library. Each backend has a function p256() that gives its
// own; core/ calls these within an Operation. False, and 0: no memory, or no randomness.
struct P256 {
    const Backend& (*backend)(); // whose SHA-256 is used

    // The public key of a private one, as an uncompressed point (RFC 5480, 2.2).
    // PRECONDITION: 0 < scalar < the curve's order.
    bool (*public_point)(const std::uint8_t (&scalar)[32], std::uint8_t (&point)[65]);

    // ECDSA (FIPS 186-5, 6.4.1). Writes the signature as DER (RFC 3279, 2.2.3) to the front of
    // `signature` and returns its size.
    std::size_t (*sign)(const std::uint8_t (&scalar)[32], const std::uint8_t (&digest)[32],
                        std::uint8_t (&signature)[72]);
};

// Bytes of a key as make_key() writes it.
inline constexpr std::size_t made_key_size = 121;

// Makes a new private key: random bytes of the environment that are a number below the curve's
// order (FIPS 186-5, A.2.2). Written as an ECPrivateKey with its public key (RFC 5915, 3), DER,
// for Credential::private_key; it is a secret, and the caller's to store and to wipe.
//
// Err::no_randomness, Err::no_memory: then `key` holds zeros.
Err make_key(const P256& library, const Environment& environment,
             std::uint8_t (&key)[made_key_size]);

// What a certificate or a request is made of. Needed during the call only.
struct NewCertificate {
    // DER in each form that Credential::private_key has; on secp256r1.
    Bytes private_key;

    // Of the device, at least one: DNS names, with "*." in front at will, and IP addresses as text.
    // They become the subjectAltName, in this order (RFC 5280, 4.2.1.6). The first, of at most 64
    // characters, is the subject's common name, too.
    std::span<const Bytes> names;

    // Of a certificate: how many days of 24 hours it is valid, from not_before on; at least 1, and
    // not beyond the year 9999. Browsers of Apple's take no more than 825.
    std::uint32_t days = 0;

    // 0: an hour before the environment's clock, for peers whose clock is behind. Else no earlier
    // than 1970: for devices without a clock.
    UnixTime not_before = 0;
};

// Whether `name` may be one of NewCertificate::names.
bool is_certificate_name(const Bytes& name);

// Bytes of room that suffice for a certificate, and for a request, with these names.
std::size_t room_for_certificate(std::span<const Bytes> names);

// Makes a self-signed certificate of version 3 (RFC 5280, 4.1), DER, in `room`, and has
// `certificate` point to it there. Its serial number has 16 random bytes; its key usage is
// digitalSignature, its extended key usage TLS servers and clients; it is no CA's.
//
// Err::invalid_argument: a name, the number of names, the days or not_before. Err::no_memory: no
// room, or the library has none. Err::clock_not_set: not_before is 0, and there is no clock.
// Err::unsupported: a key of another kind. Err::bad_private_key, Err::encrypted_private_key: one
// that cannot be read, or is out of range. Err::key_mismatch: it says that its public key is
// another one. Err::no_randomness.
Err make_certificate(const P256& library, const Environment& environment,
                     const NewCertificate& contents, MutableBytes room, Bytes& certificate);

// Makes a certificate request (PKCS#10: RFC 2986, 4) with the names as a requested extension (RFC
// 2985, 5.4.2), DER, as make_certificate() does. It has no days, and needs no clock.
Err make_certificate_request(const P256& library, const Environment& environment,
                             const NewCertificate& contents, MutableBytes room, Bytes& request);

} // namespace ussl
