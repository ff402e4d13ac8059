# Sends COUNT writes of SIZE bytes from client to server, both in this process over a TCP connection on loopback, so that
# no script moves the bytes in between. The suite is what both modules have: AES-128-GCM of TLS 1.2.
#
#   micropython bulk.py MODULE COUNT CERTIFICATES SIZE PORT

import socket
import sys
from memory_pipe import connect, contexts

module = __import__(sys.argv[1])
count, size = int(sys.argv[2]), int(sys.argv[4])
address = socket.getaddrinfo("127.0.0.1", int(sys.argv[5]))[0][-1]
client_context, server_context = contexts(module, sys.argv[3])
if module.__name__ == "ussl":  # what it prefers
    client_context.maximum_version = module.TLSv1_2
else:
    client_context.set_ciphers(["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"])

listener = socket.socket()
listener.bind(address)
listener.listen(1)
near = socket.socket()
near.connect(address)
far = listener.accept()[0]
for end in (near, far):
    end.setblocking(False)
client, server = connect(client_context, server_context, near, far)
assert "AES" in client.cipher()[0] and "128" in client.cipher()[0]
data = memoryview(b"p" * size)
buffer = bytearray(size)
for _ in range(count):
    left = size
    while left:
        left -= client.write(data[size - left:] if left != size else data) or 0
    left = size
    while left:
        left -= server.readinto(buffer) or 0
print("%d writes of %d bytes, %s" % (count, size, client.cipher()[0]))
