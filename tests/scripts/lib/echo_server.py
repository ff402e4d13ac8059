# A server in a process of its own: echo_server.py CERTS PORT '' x COUNT. Serves COUNT connections, one after the other,
# on blocking sockets: the line "close" makes it close, "cut" makes it close the transport only.

import sys
from support import listener, server_context

context = server_context()
l = listener()
for _ in range(int(sys.argv[5])):
    raw = l.accept()[0]
    try:
        s = context.wrap_socket(raw, server_side=True)
    except OSError:
        raw.close()
        continue
    while True:
        line = s.readline()
        if line == b"cut\n":
            raw.close()
            break
        if line in (b"", b"close\n"):
            s.close()
            break
        s.write(line)
