"""Writes and splits DER."""


def tlv(tag: int, *contents: bytes) -> bytes:
    value = b"".join(contents)
    if len(value) < 128:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def seq(*contents: bytes) -> bytes:
    return tlv(0x30, *contents)


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text: str) -> bytes:
    arcs = [int(arc) for arc in text.split(".")]
    out = [arcs[0] * 40 + arcs[1]]
    for arc in arcs[2:]:
        part = [arc & 127]
        while arc := arc >> 7:
            part.insert(0, arc & 127 | 128)
        out += part
    return tlv(6, bytes(out))


NULL = b"\5\0"


def elements(der: bytes) -> list[bytes]:
    """The elements of a constructed element."""
    def header(at: int) -> tuple[int, int]:
        length, size = der[at + 1], 2
        if length >= 128:
            size += length & 127
            length = int.from_bytes(der[at + 2:at + size], "big")
        return size, length
    at, parts = header(0)[0], []
    while at < len(der):
        size, length = header(at)
        parts.append(der[at:at + size + length])
        at += size + length
    return parts
