# A local HTTPS server with a key and a certificate that the device makes once and keeps in files.
#
#   micropython own_certificate.py PORT FOLDER NAME... [--count COUNT]
#
# FOLDER: for key.der, cert.der and cert.pem. NAME: the device's DNS names and addresses, for the certificate. Clients must
# trust cert.pem (curl --cacert cert.pem, a browser's settings), or the pin that is printed (trust_on_first_use.py).

import binascii
import sys
import time

import https_server
import ussl

DAYS = 825  # the longest validity that Apple's programs accept
BUILT = 1767225600  # when this program was written, POSIX seconds: for devices whose clock is not set yet


def stored(name):
    try:
        with open(name, "rb") as f:
            return f.read()
    except OSError:
        return None


def store(name, data):
    with open(name, "wb") as f:
        f.write(data)


def pem(der):
    text = binascii.b2a_base64(der).strip()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return b"-----BEGIN CERTIFICATE-----\n" + b"\n".join(lines) + b"\n-----END CERTIFICATE-----\n"


def own_certificate(folder, names):
    """(certificate, key). The key is the device's identity: pins stay valid while it is the same, also with a new certificate."""
    key = stored(folder + "/key.der")
    if key is None:
        key = ussl.make_key()
        store(folder + "/key.der", key)
    certificate = stored(folder + "/cert.der")
    if certificate is None:
        try:
            certificate = ussl.make_certificate(key, names, DAYS)
        except OSError as error:
            if error.args[0] != 1021:  # the clock is not set
                raise
            certificate = ussl.make_certificate(key, names, DAYS, not_before=BUILT)
        store(folder + "/cert.pem", pem(certificate))
        store(folder + "/cert.der", certificate)
    return certificate, key


if __name__ == "__main__":
    words = sys.argv[1:]
    count = None
    if "--count" in words:
        at = words.index("--count")
        count = int(words[at + 1])
        words = words[:at]
    start = time.ticks_ms()
    certificate, key = own_certificate(words[1], words[2:])
    print("ready after", time.ticks_diff(time.ticks_ms(), start), "ms")
    print("pin", binascii.hexlify(ussl.key_pin(certificate)).decode())
    https_server.serve(int(words[0]), certificate, key, count)
