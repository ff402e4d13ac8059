# Handshakes over TCP on loopback, Nagle's algorithm on, as sockets are unless told otherwise.
#
#   micropython loopback.py serve MODULE PORT COUNT CERTIFICATES [resume]
#   micropython loopback.py connect MODULE PORT COUNT CERTIFICATES [VERSION [resume]]
#
# The client prints, for each connection, microseconds of the handshake and until the first byte of an answer, and
# whether the session was resumed.

import socket
import sys
import time
from memory_pipe import contexts

role, module, port, count, folder = sys.argv[1], __import__(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
version = sys.argv[6] if len(sys.argv) > 6 and sys.argv[6] != "-" else None
resume = len(sys.argv) > 7
client_context, server_context = contexts(module, folder, version if role == "connect" else None)
address = socket.getaddrinfo("127.0.0.1", port)[0][-1]
if role == "serve":
    if resume:
        server_context.resumption = True
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(8)
    for _ in range(count):
        tls = server_context.wrap_socket(listener.accept()[0], server_side=True)
        tls.write(tls.read(1))
        tls.read(1)
        tls.close()
else:
    session = None
    if resume:
        client_context.resumption = True
    for _ in range(count):
        raw = socket.socket()
        raw.connect(address)
        start = time.ticks_us()
        if session:
            tls = client_context.wrap_socket(raw, server_hostname="localhost", session=session)
        else:
            tls = client_context.wrap_socket(raw, server_hostname="localhost")
        shaken = time.ticks_us()
        tls.write(b"x")
        assert tls.read(1) == b"x"
        answered = time.ticks_us()
        print(time.ticks_diff(shaken, start), time.ticks_diff(answered, start),
              int(tls.session_reused) if resume else 0)
        if resume:
            session = tls.session
        tls.close()
