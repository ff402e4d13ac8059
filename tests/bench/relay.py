"""A slow link for one host: relay.py PORT TO SECONDS passes bytes on after so many seconds, in each direction."""

import asyncio
import sys

port, to, delay = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


async def pass_on(reader, writer):
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue = asyncio.Queue()

    async def take():
        while True:
            data = await reader.read(65536)
            await queue.put((loop.time() + delay, data))
            if not data:
                return

    taking = asyncio.create_task(take())
    try:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                break
            writer.write(data)
    finally:
        taking.cancel()
        writer.close()


async def connection(reader, writer):
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
    await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer), return_exceptions=True)


async def main():
    server = await asyncio.start_server(connection, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main())
