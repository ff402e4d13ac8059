# Downloads a new firmware into a file, however often the connection breaks: it keeps what it has, and requests only the
# rest (RFC 9110, 14). The file gets its final name only if its SHA-256 is right.
#
#   micropython ota_download.py URL SHA256 FILE [CAFILE]
#
# SHA256: in hexadecimal. It identifies the firmware, so it must come from the firmware's author in a trusted way: signed, or over
# a verified connection.

import binascii
import hashlib
import os
import sys
import time

import https_requests
import ussl


def size_of(file):
    try:
        return os.stat(file)[6]
    except OSError:
        return 0


def sha256_of(file):
    digest, buffer = hashlib.sha256(), memoryview(bytearray(4096))
    with open(file, "rb") as f:
        while True:
            n = f.readinto(buffer)
            if not n:
                return binascii.hexlify(digest.digest()).decode()
            digest.update(buffer[:n])


def fetch_rest(url, part, context, limit):
    """Appends the missing bytes to `part`. After an error it keeps those that have come."""
    have = size_of(part)
    headers = {"Range": "bytes=%d-" % have} if have else {}
    with https_requests.get(url, headers=headers, context=context) as response:
        if response.status == 416:  # the file is complete: the digest decides
            return
        if response.status == 206:
            if not response.headers.get("content-range", b"").startswith(b"bytes %d-" % have):
                raise ValueError("the server sends another part")
        elif response.status == 200:  # the server sends no parts, or this is the first request
            have = 0
        else:
            raise ValueError("the server answers with status %d" % response.status)
        buffer = memoryview(bytearray(4096))
        with open(part, "ab" if have else "wb") as f:
            while True:
                n = response.readinto(buffer)
                if not n:
                    return
                have += n
                if have > limit:
                    raise ValueError("more than %d bytes" % limit)
                f.write(buffer[:n])


def download(url, sha256, file, context=None, limit=1 << 22, tries=5, wait=2):
    """`limit`: the largest file, in bytes. `tries`: gives up after so many failures in a row without a new byte, `wait` seconds
    apart."""
    part = "%s.%s" % (file, sha256[:8])  # continues after a restart, but never with another firmware
    failures = 0
    while True:
        before = size_of(part)
        try:
            fetch_rest(url, part, context, limit)
            break
        except OSError as error:
            code = error.args[0]
            if isinstance(code, int) and 1000 <= code < 1060:  # settings and certificates: retrying does not help
                raise
            failures = 1 if size_of(part) > before else failures + 1
            if failures == tries:
                raise
            print("goes on after %d bytes: %s" % (size_of(part), error))
            time.sleep(wait)
    if sha256_of(part) != sha256.lower():  # reads the whole file from flash
        os.remove(part)
        raise ValueError("another SHA-256 than expected: nothing was installed")
    os.rename(part, file)


if __name__ == "__main__":
    url, sha256, file = sys.argv[1:4]
    download(url, sha256, file, ussl.create_default_context(*sys.argv[4:5]), wait=0.2)
    print("%s: %d bytes" % (file, size_of(file)))
