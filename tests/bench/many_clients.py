"""Holds IDLE connections to a server of many_server.py while BUSY others send lines: prints what came of it as JSON.

  many_clients.py PORT CERTIFICATES IDLE BUSY

At most 8 handshakes are under way at a time. Each busy connection sends 20 lines and waits for each answer."""

import asyncio
import json
import ssl
import sys
import time

port, folder, idle, busy = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
LINES = 20

context = ssl.create_default_context(cafile=folder + "/inter.pem")
context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN if hasattr(ssl, "VERIFY_X509_PARTIAL_CHAIN") else 0x80000
context.load_verify_locations(folder + "/ca.pem")


async def ask(connection, line):
    reader, writer = connection
    writer.write(line)
    await writer.drain()
    answer = await asyncio.wait_for(reader.readline(), 60)
    if not answer:
        raise ConnectionError("the server closed")
    return answer


async def memory(connection):
    return int(await ask(connection, b"memory\n"))


async def main():
    at_once = asyncio.Semaphore(8)

    async def connect():
        async with at_once:
            return await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost"), 120)

    first = await connect()
    before = await memory(first)
    half = await asyncio.gather(*(connect() for _ in range(idle // 2)))
    at_half = await memory(first)
    start = time.monotonic()
    rest = await asyncio.gather(*(connect() for _ in range(idle - idle // 2)))
    took = time.monotonic() - start
    at_all = await memory(first)
    active = await asyncio.gather(*(connect() for _ in range(busy)))
    slowest, answered = 0.0, 0

    async def talk(connection):
        nonlocal slowest, answered
        for number in range(LINES):
            line = b"line %d\n" % number
            start = time.monotonic()
            if await ask(connection, line) == line:
                answered += 1
            slowest = max(slowest, time.monotonic() - start)

    await asyncio.gather(*(talk(connection) for connection in active))
    # The idle ones are still there.
    for connection in (half[0], half[-1], rest[0], rest[-1]):
        assert await ask(connection, b"still\n") == b"still\n"
    print(json.dumps({
        "connected": 1 + len(half) + len(rest) + len(active), "asked": busy * LINES, "answered": answered,
        "slowest": slowest, "half": (at_half - before) // len(half), "all": (at_all - before) // idle,
        "rate": len(rest) / took}))


asyncio.run(main())
