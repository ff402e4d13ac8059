"""Writes root bundles: docs/roots.md has their form, core/src/root_bundle.cpp reads them.

Certificates are read by the rules of core/src/x509/certificate.cpp, without a library. One that core/ cannot read could not be an
anchor, and is left out."""

import base64
import binascii
import datetime
import re
import zlib
from collections import Counter
from typing import Iterator, NamedTuple, Optional, Union

PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.*?)-----END", re.S)
MAGIC = b"ussl\1"
HEADER_SIZE, CHECKSUM_AT = 20, 16
MAX_FRAGMENTS, MAX_FRAGMENT, MAX_ROOTS = 126, 48, 0xffff
MAX_EXTENSIONS = 64

# Object identifiers, with tag and length.
ID_CE = b"\x06\x03\x55\x1d"
SERVER_AUTH, CLIENT_AUTH = (b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03" + bytes([arc]) for arc in (1, 2))
ANY_PURPOSE = b"\x06\x04\x55\x1d\x25\x00"
P256_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
P384_HEAD = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
RSA_TAIL = bytes.fromhex("0203010001")

KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, EXTENDED_KEY_USAGE = 15, 17, 19, 30, 37
IS_AUTHORITY, UNKNOWN_CRITICAL, HAS_PATH_LENGTH, HAS_KEY_USAGE, HAS_EXTENDED_KEY_USAGE, HAS_NAMES = 4, 8, 16, 32, 64, 128


class Unreadable(ValueError):
    """A certificate that core/ cannot read."""


class Element(NamedTuple):
    tag: int
    value: bytes
    whole: bytes


class Row:
    """Yields the elements of DER in order."""

    def __init__(self, der: bytes):
        self.elements = list(self.read(der))
        self.at = 0

    @staticmethod
    def read(der: bytes) -> Iterator[Element]:
        while der:
            if len(der) < 2 or der[0] & 31 == 31:
                raise Unreadable("a tag")
            size, length = 2, der[1]
            if length >= 0x80:
                size += length & 0x7f
                length = int.from_bytes(der[2:size], "big")
                if not 2 < size <= 5 or size > len(der) or length < 0x80 or der[2] == 0:
                    raise Unreadable("a length")
            if size + length > len(der):
                raise Unreadable("a length")
            yield Element(der[0], der[size:size + length], der[:size + length])
            der = der[size + length:]

    def peek(self) -> int:
        return self.elements[self.at].tag if self.at < len(self.elements) else 0

    def take(self, *tags: int) -> Element:
        if self.at == len(self.elements) or tags and self.peek() not in tags:
            raise Unreadable("an element")
        self.at += 1
        return self.elements[self.at - 1]

    def take_if(self, tag: int) -> Optional[Element]:
        return self.take() if self.peek() == tag else None

    def finish(self) -> None:
        if self.at != len(self.elements):
            raise Unreadable("what follows")


def within(der: bytes) -> Row:
    """The contents of a SEQUENCE that nothing follows."""
    row = Row(der)
    sequence = row.take(0x30)
    row.finish()
    return Row(sequence.value)


def unix_time(element: Element) -> int:
    digits, form = element.value.decode("ascii", "replace"), "%Y%m%d%H%M%SZ"
    if element.tag == 0x17:
        digits = ("20" if digits[:2] < "50" else "19") + digits
    if element.tag not in (0x17, 0x18) or not re.fullmatch(r"[0-9]{14}Z", digits):
        raise Unreadable("a time")
    leap_years = 0
    if digits.startswith("0000"):  # Python has no year 0; 400 years later all days are the same
        digits, leap_years = "0400" + digits[4:], 146097
    try:
        time = datetime.datetime.strptime(digits, form)
    except ValueError:
        raise Unreadable("a time") from None
    return (time - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1) - leap_years * 86400


class Extensions:
    """The parts of a certificate that the rules need."""

    def __init__(self, row: Optional[Row]):
        self.is_authority = self.unknown_critical = False
        self.path_length: Optional[int] = None
        self.key_usage: Optional[int] = None
        self.extended_key_usage: Optional[int] = None
        self.name_constraints = self.subject_alt_name = b""
        elements = row.elements if row else []
        seen = set()
        for element in elements:
            if element.tag != 0x30 or len(elements) > MAX_EXTENSIONS:
                raise Unreadable("an extension")
            fields = Row(element.value)
            name, critical, value = fields.take(6).whole, fields.take_if(1), fields.take(4).value
            fields.finish()
            if name in seen:
                raise Unreadable("an extension twice")
            seen.add(name)
            known = name[4] if len(name) == 5 and name.startswith(ID_CE) else 0
            if known in (KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, EXTENDED_KEY_USAGE):
                self.read(known, value)
            elif critical and critical.value[:1] not in (b"", b"\0"):
                self.unknown_critical = True
        if self.name_constraints and not self.is_authority:
            raise Unreadable("name constraints")

    def read(self, known: int, value: bytes) -> None:
        row = Row(value)
        contents = row.take(3 if known == KEY_USAGE else 0x30).value
        row.finish()
        if known == KEY_USAGE:
            if not 2 <= len(contents) <= 3:
                raise Unreadable("key usage")
            self.key_usage = contents[1]
        elif known == SUBJECT_ALT_NAME:
            if any(element.tag & 0xc0 != 0x80 for element in Row(contents).elements):
                raise Unreadable("a name")
            self.subject_alt_name = contents
        elif known == NAME_CONSTRAINTS:
            if not contents:
                raise Unreadable("name constraints")
            self.name_constraints = contents
        elif known == BASIC_CONSTRAINTS:
            fields = Row(contents)
            authority, limit = fields.take_if(1), fields.take_if(2)
            fields.finish()
            self.is_authority = authority is not None and authority.value[:1] not in (b"", b"\0")
            if limit and (not 1 <= len(limit.value) <= 3 or limit.value[0] > 0x7f):
                raise Unreadable("a path length")
            self.path_length = int.from_bytes(limit.value, "big") if limit else None
        else:
            usage = 0
            for purpose in Row(contents).elements:
                if purpose.tag != 6:
                    raise Unreadable("extended key usage")
                usage |= {SERVER_AUTH: 1, CLIENT_AUTH: 2, ANY_PURPOSE: 0xff}.get(purpose.whole, 0)
            self.extended_key_usage = usage


def packed_key(info: bytes) -> tuple[int, bytes]:
    """A SubjectPublicKeyInfo's stored form, and its kind."""
    for form, head, size in ((2, P256_HEAD, 64), (3, P384_HEAD, 96)):
        if info.startswith(head) and len(info) == len(head) + size:
            return form, info[len(head):]
    fields = within(info)
    if fields.take().whole == RSA_ALGORITHM:
        key = fields.take(3).value
        if key[:1] == b"\0":
            try:
                numbers = within(key[1:])
                modulus, exponent = numbers.take(2).value, numbers.take(2).whole
            except Unreadable:
                modulus = exponent = b""
            if exponent == RSA_TAIL and modulus[:1] == b"\0" and 256 <= len(modulus) - 1 <= 512 and modulus[1] & 0x80:
                return 1, with_size(modulus[1:])
    return 0, with_size(info)


def with_size(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


class Root:
    """The parts of a certificate that the rules need. Raises Unreadable."""

    def __init__(self, der: bytes):
        self.der = der
        outer = within(der)
        body, algorithm = Row(outer.take(0x30).value), outer.take(0x30)
        outer.take(3)
        outer.finish()
        version = body.take_if(0xa0)
        body.take(2)
        inner_algorithm = body.take(0x30)
        if not Row(body.take(0x30).value).peek() == 0x31 or inner_algorithm.value != algorithm.value:
            raise Unreadable("an issuer")
        validity = Row(body.take(0x30).value)
        self.not_before, self.not_after = unix_time(validity.take()), unix_time(validity.take())
        validity.finish()
        self.subject, self.key = body.take().whole, body.take().whole
        body.take_if(0x81)
        body.take_if(0x82)
        extensions = body.take_if(0xa3)
        body.finish()
        number = Row(version.value).take(2).value if version else b"\0"
        if len(number) != 1 or number[0] > 2 or number[0] < 2 and extensions:
            raise Unreadable("a version")
        self.extensions = Extensions(within(extensions.value) if extensions else None)
        self.form, self.packed_key = packed_key(self.key)

    def fields(self) -> bytes:
        """Everything except the name."""
        more, flags, out = self.extensions, self.form, b""
        for time in (self.not_before, self.not_after):
            out += time.to_bytes(5, "big", signed=True)
        flags |= more.is_authority * IS_AUTHORITY | more.unknown_critical * UNKNOWN_CRITICAL
        if more.path_length is not None:
            flags |= HAS_PATH_LENGTH
            out += more.path_length.to_bytes(3, "big")
        if more.key_usage is not None:
            flags |= HAS_KEY_USAGE
            out += bytes([more.key_usage])
        if more.extended_key_usage is not None:
            flags |= HAS_EXTENDED_KEY_USAGE
            out += bytes([more.extended_key_usage])
        if more.name_constraints or more.subject_alt_name:
            flags |= HAS_NAMES
            out += with_size(more.name_constraints) + with_size(more.subject_alt_name)
        return zlib.crc32(self.der).to_bytes(4, "big") + bytes([flags]) + out + self.packed_key


class Names:
    """Compressed names: up to 126 common fragments are replaced by one byte each."""

    def __init__(self, names: list[bytes]):
        self.fragments: list[bytes] = []
        # A name is a list of remaining pieces and of fragments' numbers.
        self.names: list[list[Union[bytes, int]]] = [[name] for name in names]
        found = True
        while found:
            # Takes the fragment that saves most in what is left; the counts are renewed only now and then.
            found, least = False, 1
            candidates = self.candidates()[:64]
            while candidates and len(self.fragments) < MAX_FRAGMENTS:
                gain, best = max(zip(self.gains(candidates), candidates))
                if gain < least:
                    break
                least = max(least, gain * 3 // 4)
                self.take_out(best)
                found = True

    def literals(self) -> Iterator[bytes]:
        return (part for name in self.names for part in name if isinstance(part, bytes))

    def candidates(self) -> list[bytes]:
        counts: Counter[bytes] = Counter()
        for part, times in Counter(self.literals()).items():
            for at in range(len(part)):
                for end in range(at + 2, min(at + MAX_FRAGMENT, len(part)) + 1):
                    counts[part[at:end]] += times
        gains = {piece: (len(piece) - 1) * count - len(piece) for piece, count in counts.items() if count > 1}
        return sorted(gains, key=lambda piece: (-gains[piece], piece))

    def gains(self, pieces: list[bytes]) -> Iterator[int]:
        """In bytes, including the fragment itself and its offset. Counted in one text: with something between the literals that is
        in no piece."""
        text = "\u0100".join(part.decode("latin-1") for part in self.literals())
        for piece in pieces:
            yield (len(piece) - 1) * text.count(piece.decode("latin-1")) - len(piece) - 2

    def take_out(self, piece: bytes) -> None:
        number = len(self.fragments)
        self.fragments.append(piece)
        for name in self.names:
            parts: list[Union[bytes, int]] = []
            for part in name:
                if isinstance(part, int):
                    parts.append(part)
                    continue
                for i, between in enumerate(part.split(piece)):
                    parts += ([number] if i else []) + ([between] if between else [])
            name[:] = parts

    def packed(self) -> Iterator[bytes]:
        for name in self.names:
            out = b""
            for part in name:
                if isinstance(part, int):
                    out += bytes([0x81 + part])
                else:
                    out += b"".join(bytes([byte]) if byte < 0x80 else bytes([0x80, byte]) for byte in part)
            yield out


def certificates_in(contents: bytes) -> list[bytes]:
    """The DER of each certificate in PEM, or in DER one after the other."""
    if PEM.search(contents):
        return [base64.b64decode(block) for block in PEM.findall(contents)]
    return [element.whole for element in Row(contents).elements]


def write(roots: list[Root], made: int) -> bytes:
    """A bundle; `made`: Unix time."""
    if len(roots) > MAX_ROOTS:
        raise ValueError(f"a bundle has at most {MAX_ROOTS} roots")
    roots = sorted(roots, key=lambda root: root.subject)  # stable: those of one name keep their order
    names = Names([root.subject for root in roots])
    entries = [with_size(name) + root.fields() for name, root in zip(names.packed(), roots)]
    at = HEADER_SIZE + 2 * (len(names.fragments) + 1) + 3 * (len(roots) + 1)
    tables = b""
    for size, pieces in ((2, names.fragments), (3, entries)):
        for piece in pieces:
            tables += at.to_bytes(size, "big")
            at += len(piece)
        tables += at.to_bytes(size, "big")
    rest = tables + b"".join(names.fragments) + b"".join(entries)
    head = MAGIC + bytes([len(names.fragments)]) + len(roots).to_bytes(2, "big") + (HEADER_SIZE + len(rest)).to_bytes(4, "big")
    head += made.to_bytes(4, "big")
    return head + zlib.crc32(rest, zlib.crc32(head)).to_bytes(4, "big") + rest


class Facts(NamedTuple):
    roots: int
    made: datetime.datetime


def facts(bundle: bytes) -> Facts:
    """The facts in a bundle's header. Raises ValueError if the bundle is damaged."""
    if len(bundle) < HEADER_SIZE or not bundle.startswith(MAGIC) or int.from_bytes(bundle[8:12], "big") != len(bundle):
        raise ValueError("not a root bundle, or a truncated one")
    checksum = zlib.crc32(bundle[HEADER_SIZE:], zlib.crc32(bundle[:CHECKSUM_AT]))
    if checksum != int.from_bytes(bundle[CHECKSUM_AT:HEADER_SIZE], "big"):
        raise ValueError("a damaged root bundle")
    return Facts(int.from_bytes(bundle[6:8], "big"),
                 datetime.datetime.fromtimestamp(int.from_bytes(bundle[12:16], "big"), datetime.timezone.utc))


def readable(ders: list[bytes]) -> list[Root]:
    """The certificates that core/ can read."""
    roots = []
    for der in ders:
        try:
            roots.append(Root(der))
        except (Unreadable, binascii.Error):
            pass
    return roots
