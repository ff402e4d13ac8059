# Makes COUNT verified handshakes, both ends in this process over streams in memory, with the module
# named first: `ussl`, or MicroPython's own `tls`. Run under a tool that counts instructions; see
# tools/bench.
#
#   micropython handshakes.py MODULE COUNT CERTIFICATES [VERSION [CREDENTIAL]]
#
# VERSION: TLSv1_2 or TLSv1_3, with ussl only; - for the highest. CREDENTIAL: p256 (without: that) or rsa.

import sys
from memory_pipe import connect, contexts, pipe

module = __import__(sys.argv[1])
count = int(sys.argv[2])
version = sys.argv[4] if len(sys.argv) > 4 and sys.argv[4] != "-" else None
credential = sys.argv[5] if len(sys.argv) > 5 else "p256"
client_context, server_context = contexts(module, sys.argv[3], version, credential)

for _ in range(count):
    near, far = pipe()
    client, server = connect(client_context, server_context, near, far)
    # The client's last write carried the byte.
    version, writes = client.cipher()[1], (near.writes - 1, far.writes)
    client.close()
    server.close()

print("%d handshakes, %s, %s, writes %d + %d" % ((count, module.__name__, version) + writes))
