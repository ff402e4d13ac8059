# What the interpreter's heap holds for COUNT connections that have nothing to do, both ends in this process.
#
#   LD_PRELOAD=METER micropython -X heapsize=64M idle.py MODULE COUNT CERTIFICATES METER
#
# METER: libbench-heap-meter.so, for what is not on the interpreter's own heap. Prints bytes per end; streams and
# contexts are not counted.

import ffi
import gc
import sys
from memory_pipe import connect, contexts, pipe

module = __import__(sys.argv[1])
count = int(sys.argv[2])
client_context, server_context = contexts(module, sys.argv[3])
outside = ffi.open(sys.argv[4]).func("l", "bench_heap", "")


def in_use():
    gc.collect()
    return gc.mem_alloc() + outside()


connect(client_context, server_context, *pipe())  # what is set up once
pipes = [pipe() for _ in range(count)]
ends = [None] * count
for near, far in pipes:  # buffers grow to what a handshake needs
    near.incoming = bytearray(4096)
    far.incoming = bytearray(4096)
before = in_use()
for i in range(count):
    near, far = pipes[i]
    near.incoming = bytearray()
    far.incoming = bytearray()
    ends[i] = client, server = connect(client_context, server_context, near, far)
    # To and fro, and read until there is no more: buffers that can be released are.
    server.write(b"y")
    assert client.read(1) == b"y"
    assert client.read(1) is None and server.read(1) is None
    near.incoming = bytearray(4096)
    far.incoming = bytearray(4096)
    client = server = None
print("idle %d" % ((in_use() - before) // (2 * count)))
