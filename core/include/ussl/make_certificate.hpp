// A key that the device makes for itself, a self-signed certificate for it, and a certificate
// request for an authority. On secp256r1, signed with ECDSA and SHA-256. Only in builds with
// USSL_MAKE_CERTIFICATES.
//
//     std::uint8_t key[ussl::made_key_size], room[1024];
//     ussl::Bytes certificate;
//     const ussl::Bytes names[] = {ussl::as_bytes("device.local"), ussl::as_bytes("192.168.4.1")};
//     Err error = make_key(ussl::selected::p256(), environment, key);
//     error = make_certificate(ussl::selected::p256(), environment, {key, names, 3650}, room,
//                              certificate);
//
// Any thread may call the functions at any time, whether or not a context is open.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/environment.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ussl {

// The arithmetic that the library does. Each backend has a function p256() that returns its own;
// core/ calls these functions within an Operation. False and 0: no memory, or no randomness.
struct P256 {
    const Backend& (*backend)(); // provides SHA-256

    // The public key of a private key, as an uncompressed point (RFC 5480, 2.2). Precondition: 0 <
    // scalar < the order of the curve.
    bool (*public_point)(const std::uint8_t (&scalar)[32], std::uint8_t (&point)[65]);

    // ECDSA (FIPS 186-5, 6.4.1). Writes the signature as DER (RFC 3279, 2.2.3) to the front of
    // `signature` and returns its size in bytes.
    std::size_t (*sign)(const std::uint8_t (&scalar)[32], const std::uint8_t (&digest)[32],
                        std::uint8_t (&signature)[72]);
};

// Size of a key from make_key(), in bytes.
inline constexpr std::size_t made_key_size = 121;

// Makes a new private key: random bytes of the environment below the order of the curve (FIPS
// 186-5, A.2.2). Written as an ECPrivateKey with its public key (RFC 5915, 3), DER, for
// Credential::private_key. The caller must store it as a secret, and wipe it.
//
// Err::no_randomness, Err::no_memory: `key` then holds zeros.
Err make_key(const P256& library, const Environment& environment,
             std::uint8_t (&key)[made_key_size]);

// The contents of a certificate or a request. Used only during the call.
struct NewCertificate {
    // DER in any form that Credential::private_key takes; on secp256r1.
    Bytes private_key;

    // At least one name of the device: DNS names, perhaps with a leading "*.", and IP addresses as
    // text. They become the subjectAltName, in this order (RFC 5280, 4.2.1.6). The first is also
    // the subject's common name, and has at most 64 characters for that.
    std::span<const Bytes> names;

    // Certificates: the validity in days of 24 hours, from not_before. At least 1, and not beyond
    // the year 9999. Apple's browsers accept at most 825.
    std::uint32_t days = 0;

    // 0: one hour before the environment's time, for peers whose clocks are slow. Otherwise 1970 or
    // later: for devices without a clock.
    UnixTime not_before = 0;
};

// Whether `name` may be one of NewCertificate::names.
bool is_certificate_name(const Bytes& name);

// How many bytes of room are enough for a certificate, or a request, with these names.
std::size_t room_for_certificate(std::span<const Bytes> names);

// Makes a self-signed X.509 v3 certificate (RFC 5280, 4.1), DER, in `room`, and points
// `certificate` to it. Its serial number has 16 random bytes. Its key usage is digitalSignature,
// its extended key usage is TLS server and client. It is not a CA certificate.
//
//   Err::invalid_argument       a name, the number of names, days or not_before
//   Err::no_memory              `room` is too small, or the library has no memory
//   Err::clock_not_set          not_before is 0, and there is no time
//   Err::unsupported            the key is of another kind
//   Err::bad_private_key        the key cannot be read, or is out of range
//   Err::encrypted_private_key  the key is encrypted
//   Err::key_mismatch           the key holds the public key of another one
//   Err::no_randomness          the environment gave none
Err make_certificate(const P256& library, const Environment& environment,
                     const NewCertificate& contents, MutableBytes room, Bytes& certificate);

// Makes a certificate request (PKCS#10: RFC 2986, 4), DER, with the names as a requested extension
// (RFC 2985, 5.4.2). As make_certificate(), but days and not_before are ignored and no clock is
// needed.
Err make_certificate_request(const P256& library, const Environment& environment,
                             const NewCertificate& contents, MutableBytes room, Bytes& request);

} // namespace ussl
