# Echoes lines on as many connections as come, with asyncio; `memory` is answered with what the heap holds.
#
#   micropython -X heapsize=512M many_server.py MODULE PORT CERTIFICATES [METER]
#
# METER: as for idle.py.

import asyncio
import gc
import sys
from memory_pipe import contexts

module = __import__(sys.argv[1])
context = contexts(module, sys.argv[3])[1]
outside = None
if len(sys.argv) > 4:
    import ffi

    outside = ffi.open(sys.argv[4]).func("l", "bench_heap", "")


async def serve(reader, writer):
    try:
        while True:
            line = await reader.readline()
            if not line:
                break
            if line == b"memory\n":
                gc.collect()
                line = b"%d\n" % (gc.mem_alloc() + (outside() if outside else 0))
            writer.write(line)
            await writer.drain()
    except OSError:
        pass
    writer.close()
    await writer.wait_closed()


async def main():
    await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[2]), ssl=context, backlog=128)
    while True:
        await asyncio.sleep(3600)


asyncio.run(main())
