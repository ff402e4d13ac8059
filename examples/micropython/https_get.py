# Fetches a page over HTTPS and prints the connection's properties.
#
#   micropython https_get.py HOST PORT PATH CAFILE [NAME]
#
# NAME: the name in the server's certificate, if it is not HOST.

import socket
import sys
import time

import ussl


def get(host, port, path, cafile, name=None, keylog=None):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)  # CERT_REQUIRED, name and time checked
    context.load_verify_locations(cafile)
    context.suppress_ragged_eofs = False  # a cut connection is an error, not the end of the page
    if keylog:
        context.keylog_callback = keylog
    sock = socket.socket()
    sock.connect(socket.getaddrinfo(host, port)[0][-1])
    start = time.ticks_us()
    tls = context.wrap_socket(sock, server_hostname=name or host)
    handshake = time.ticks_diff(time.ticks_us(), start)
    try:
        tls.write(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, name or host)).encode())
        status = tls.readline().decode().strip()
        while tls.readline() not in (b"\r\n", b"\n", b""):
            pass
        body = tls.read()
        return status, body, tls.version(), tls.cipher()[0], handshake
    finally:
        tls.close()


if __name__ == "__main__":
    host, port, path, cafile = sys.argv[1:5]
    name = sys.argv[5] if len(sys.argv) > 5 else None
    status, body, version, suite, handshake = get(host, int(port), path, cafile, name)
    print(status)
    print("%d bytes, %s, %s, verified as %s, handshake %.1f ms"
          % (len(body), version, suite, name or host, handshake / 1000))
