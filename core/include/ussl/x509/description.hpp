// Details of a certificate for people. No rule uses them.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/time.hpp"
#include "ussl/x509/der.hpp"

#include <cstdint>

namespace ussl::x509 {

// Version and serial number of a certificate that parse() has accepted.
struct Serial {
    unsigned version = 0; // 1 to 3
    Bytes number;         // contents of the INTEGER; RFC 5280, 4.1.2.2: up to 20 bytes
};
Serial serial_of(const Bytes& certificate);

// An attribute of a distinguished name (RFC 5280, 4.1.2.4).
struct NameAttribute {
    Bytes type;           // contents of the OBJECT IDENTIFIER
    std::uint8_t tag = 0; // of the value: the kind of string
    Bytes value;
    bool starts_rdn = false; // false: in the same RelativeDistinguishedName as the previous one
};

// The attributes of a Name, in order.
class NameReader {
public:
    // `name`: DER including its tag, as in Certificate.
    explicit NameReader(const Bytes& name);

    // false: the end, or the rest is malformed.
    bool next(NameAttribute& attribute);

private:
    der::Row relative_names_;
    der::Row attributes_{{}};
};

// A date and time in UTC.
struct CalendarTime {
    int year;                                      // proleptic Gregorian calendar
    std::uint8_t month, day, hour, minute, second; // from 1, 1, 0, 0, 0
};
CalendarTime calendar_time(UnixTime time);

} // namespace ussl::x509
