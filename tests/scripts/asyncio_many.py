# 200 connections at once in one interpreter, both ends of each, with asyncio: lines back and forth, time limits, tasks that are
# cancelled in the handshake and in a read. The interpreter starts again with a heap for 400 sessions.
from support import *

try:
    import asyncio
except ImportError:
    skip("no asyncio")

CONNECTIONS = 200
HEAP = 48 << 20

if gc.mem_free() < HEAP // 2:
    words = [interpreter, "-X", "heapsize=%d" % HEAP, sys.argv[0], certs, str(port), backend or "''", "x"]
    if os.system(" ".join(words)):
        sys.exit(1)
    sys.exit(0)

served = at_once = now = 0
all_here = asyncio.Event()


async def serve(reader, writer):
    global served, at_once, now
    now += 1
    served += 1
    at_once = max(at_once, now)
    if at_once == CONNECTIONS:
        all_here.set()
    try:
        while True:
            line = await reader.readline()
            if not line:
                break
            if line == b"silence\n":
                await asyncio.sleep(3600)
            if line != b"wait for all\n":
                writer.write(line)
                await writer.drain()
            else:
                await all_here.wait()
                writer.write(b"all\n")
                await writer.drain()
    finally:
        now -= 1
        writer.close()
        await writer.wait_closed()


async def client(context, i):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(b"wait for all\n")
    await writer.drain()
    assert await reader.readline() == b"all\n"
    for j in range(3):
        line = b"%d of %d %s\n" % (j, i, b"." * (i * 10))
        writer.write(line)
        await writer.drain()
        assert await reader.readline() == line
    writer.close()
    await writer.wait_closed()


async def raises_timeout(awaitable, seconds):
    try:
        await asyncio.wait_for(awaitable, seconds)
        assert False, "no timeout"
    except asyncio.TimeoutError:
        pass


async def silent(reader, writer):  # accepts, and sends nothing: the handshake never completes
    await asyncio.sleep(3600)


async def limits(context):
    # An answer that never comes; the connection is usable afterwards.
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(b"half a line")
    await writer.drain()
    await raises_timeout(reader.readline(), 0.3)
    writer.write(b"!\n")
    await writer.drain()
    assert await asyncio.wait_for(reader.readline(), 30) == b"half a line!\n"
    # A task that is cancelled while it reads.
    task = asyncio.create_task(reader.readline())
    await asyncio.sleep_ms(50)
    task.cancel()
    try:
        await task
        assert False, "not cancelled"
    except asyncio.CancelledError:
        pass
    writer.write(b"still here\n")
    await writer.drain()
    assert await reader.readline() == b"still here\n"
    writer.close()
    await writer.wait_closed()

    # A handshake that never completes.
    plain = await asyncio.start_server(silent, "127.0.0.1", port + 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port + 1, ssl=context, server_hostname="localhost")
    await raises_timeout(reader.readline(), 0.3)
    task = asyncio.create_task(reader.readline())
    await asyncio.sleep_ms(50)
    task.cancel()
    try:
        await task
        assert False, "not cancelled"
    except asyncio.CancelledError:
        pass
    writer.close()
    await writer.wait_closed()
    plain.close()
    await plain.wait_closed()


async def main():
    sc, cc = server_context(), client_context()
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=2 * CONNECTIONS, ssl=sc)
    await asyncio.gather(*[client(cc, i) for i in range(CONNECTIONS)])
    assert served == at_once == CONNECTIONS, (served, at_once)
    await limits(cc)
    server.close()
    await server.wait_closed()


asyncio.run(main())
