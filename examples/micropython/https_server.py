# Serves one small page over HTTPS, one connection after the other.
#
#   micropython https_server.py PORT CERTIFICATE KEY [COUNT]
#
# CERTIFICATE: the chain, leaf first; both PEM or DER. COUNT: stop after that many connections.

import socket
import sys

import ussl

PAGE = b"<!doctype html><title>ussl</title><p>Hello from %s %s.</p>\n"


def answer(tls):
    request = tls.readline().decode().split()
    while tls.readline() not in (b"\r\n", b"\n", b""):
        pass
    page = PAGE % ussl.backend
    status = "200 OK" if request[:1] == ["GET"] else "405 Method Not Allowed"
    tls.write(("HTTP/1.0 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
               % (status, len(page))).encode())
    tls.write(page)


def serve(port, certificate, key, count=None):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    listener.listen(5)
    print("listening on port", port)
    while count is None or count > 0:
        sock, _ = listener.accept()
        try:
            tls = context.wrap_socket(sock, server_side=True)
            try:
                answer(tls)
            finally:
                tls.close()
        except OSError as error:  # an error ends only this connection
            print("connection failed:", error)
            sock.close()
        if count is not None:
            count -= 1


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3],
          int(sys.argv[4]) if len(sys.argv) > 4 else None)
