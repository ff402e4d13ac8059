# asyncio's server and client with the module.
from support import *

try:
    import asyncio
except ImportError:
    skip("no asyncio")

BODY = bytes(range(256)) * 1000


async def serve(reader, writer):
    line = await reader.readline()
    if line == b"big\n":
        writer.write(BODY)
    elif line == b"many\n":
        for i in range(3000):
            writer.write(b"line %d\n" % i)
    else:
        writer.write(b"echo " + line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def ask(context, line, pause=0):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(line)
    await writer.drain()
    parts = []
    while True:
        part = await reader.read(5000)
        if part is None:
            continue
        if not part:
            break
        parts.append(part)
        if pause:
            await asyncio.sleep_ms(pause)
    writer.close()
    await writer.wait_closed()
    return b"".join(parts)


async def main():
    sc, cc = server_context(), client_context()
    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=sc)
    assert await ask(cc, b"hello\n") == b"echo hello\n"
    # A slow reader gets everything, although the server closes as soon as all of it is taken.
    assert await ask(cc, b"big\n", 1) == BODY
    assert await ask(cc, b"many\n", 1) == b"".join(b"line %d\n" % i for i in range(3000))
    # Many at once.
    answers = await asyncio.gather(*[ask(cc, b"%d\n" % i) for i in range(10)])
    assert answers == [b"echo %d\n" % i for i in range(10)]
    # A client that does not trust the server; the server goes on.
    try:
        await ask(client_context("other-ca"), b"hello\n")
        assert False
    except OSError as e:
        assert e.args[0] == 1042, e.args
    assert await ask(cc, b"again\n") == b"echo again\n"
    # The host's address is the name that is verified.
    sc.set_cert_key(contents("ip.crt.pem"), contents("ip.key.pem"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=cc)
    writer.write(b"by address\n")
    await writer.drain()
    assert await reader.readline() == b"echo by address\n"
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


loop_error = []
asyncio.get_event_loop().set_exception_handler(lambda loop, context: loop_error.append(context["exception"]))
asyncio.run(main())
# The only server task that may have failed is that of the client without trust.
assert all(isinstance(e, OSError) for e in loop_error) and len(loop_error) <= 1, loop_error
