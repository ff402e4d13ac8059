# Downloads a file of any size over HTTPS, with one small buffer, and prints its SHA-256.
#
#   micropython https_download.py HOST PORT PATH CAFILE [NAME [CERTIFICATE KEY]]
#
# NAME: the name in the server's certificate, if it is not HOST; also sent as SNI.
# CERTIFICATE, KEY: for servers that ask for client certificates; PEM or DER.

import binascii
import hashlib
import socket
import sys

import ussl


def download(host, port, path, cafile, name=None, certificate=None, key=None, take=lambda part: None):
    """Calls `take` with each part of the body, a memoryview that is valid only during the call. Returns (status, body's size)."""
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)  # CERT_REQUIRED, name and time checked
    context.load_verify_locations(cafile)
    context.suppress_ragged_eofs = False  # a cut connection is an error, not an end
    if certificate:
        context.load_cert_chain(certificate, key)
    sock = socket.socket()
    sock.connect(socket.getaddrinfo(host, port)[0][-1])
    try:
        tls = context.wrap_socket(sock, server_hostname=name or host)
    except OSError:
        sock.close()
        raise
    try:
        tls.write(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, name or host)).encode())
        status = tls.readline().decode().strip()
        length = None
        while True:
            line = tls.readline()
            if line in (b"\r\n", b"\n", b""):
                break
            field, _, value = line.decode().partition(":")
            if field.lower() == "content-length":
                length = int(value)
        buffer = memoryview(bytearray(4096))
        got = 0
        while True:
            n = tls.readinto(buffer)
            if not n:  # the server's close_notify; a cut connection raises OSError
                break
            take(buffer[:n])
            got += n
        if length is not None and got != length:
            raise OSError("%d bytes of %d" % (got, length))
        return status, got
    finally:
        tls.close()


if __name__ == "__main__":
    digest = hashlib.sha256()
    arguments = sys.argv[1:]
    arguments[1] = int(arguments[1])
    status, size = download(*arguments, take=digest.update)
    print(status)
    print("%d bytes, SHA-256 %s" % (size, binascii.hexlify(digest.digest()).decode()))
