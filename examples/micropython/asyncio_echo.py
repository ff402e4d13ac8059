# A server with asyncio that sends each line back, and a client for it: any number of connections at once, in one thread.
#
#   micropython asyncio_echo.py serve PORT CERTIFICATE KEY
#   micropython asyncio_echo.py ask HOST PORT CAFILE TEXT [NAME]

import asyncio
import sys

import ussl


async def echo(reader, writer):
    try:
        while True:
            line = await reader.readline()
            if not line:
                break
            writer.write(line)
            await writer.drain()
    except OSError as error:  # this client failed, the others go on
        print("connection failed:", error)
    finally:
        writer.close()
        await writer.wait_closed()


async def serve(port, certificate, key):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return await asyncio.start_server(echo, "127.0.0.1", port, backlog=256, ssl=context)


async def ask(context, host, port, line, name=None, seconds=10):
    """The server's answer. Raises TimeoutError if sending or receiving takes longer than `seconds`."""
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name or host)
    try:
        writer.write(line)
        await asyncio.wait_for(writer.drain(), seconds)
        return await asyncio.wait_for(reader.readline(), seconds)
    finally:
        writer.close()
        await writer.wait_closed()


async def main(arguments):
    if arguments[0] == "serve":
        server = await serve(int(arguments[1]), *arguments[2:4])
        print("listening on port", arguments[1])
        await server.wait_closed()
    else:
        host, port, cafile, words = arguments[1:5]
        context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile)
        name = arguments[5] if len(arguments) > 5 else None
        print((await ask(context, host, int(port), words.encode() + b"\n", name)).decode().strip())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
