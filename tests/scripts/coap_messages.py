# The CoAP of examples/micropython/coap.py, without a network: messages on the wire, repeated ones, answers of every kind.
from support import *

if pycopy:
    skip("the example is for MicroPython's asyncio")
if not ussl.HAS_DTLS:
    skip("no DTLS")

lib = [path for path in sys.path if path.endswith("scripts/lib")][0]
sys.path.append(lib + "/../../../examples/micropython")
import asyncio  # noqa: E402

import coap  # noqa: E402
from coap import Message, decode  # noqa: E402


def same(a, b):
    names = ("kind", "code", "message_id", "token", "payload")
    return all([getattr(a, name) == getattr(b, name) for name in names]) and list(a.options) == list(b.options)


# RFC 7252, figure 16: a GET with a token and one option.
message = Message(coap.CONFIRMABLE, coap.GET, 0x7d35, b"\x20", [(coap.URI_PATH, b"temperature")])
assert message.encode() == b"\x41\x01\x7d\x35\x20\xbbtemperature"
assert same(decode(message.encode()), message)
answer = Message(coap.ACKNOWLEDGEMENT, coap.CONTENT, 0x7d35, b"\x20", [], b"22.3 C")
assert answer.encode() == b"\x61\x45\x7d\x35\x20\xff22.3 C"
assert same(decode(answer.encode()), answer)

# 3.1: each form of deltas and lengths, and the order of repeated options.
for n in (1, 12, 13, 14, 268, 269, 270, 65535):
    for size in (0, 1, 12, 13, 268, 269, 500):
        message = Message(1, coap.POST, 65535, b"12345678", [(n, b"v" * size), (n, b"w")], b"p")
        assert same(decode(message.encode()), message), (n, size)
shuffled = Message(0, 1, 0, b"", [(15, b"q"), (11, b"b"), (11, b"a"), (3, b"h")])
assert decode(shuffled.encode()).options == [(3, b"h"), (11, b"b"), (11, b"a"), (15, b"q")]
assert [coap.number(n) for n in (0, 1, 255, 256, 11542)] == [b"", b"\x01", b"\xff", b"\x01\x00", b"\x2d\x16"]
assert coap.options_of("/a//b c?x=1&y") == [(11, b"a"), (11, b"b c"), (15, b"x=1"), (15, b"y")]

# Malformed ones, and every way to cut a message.
for junk in (b"", b"\x40", b"\x40\x01\x00", b"\x00\x01\x00\x00", b"\x80\x01\x00\x00", b"\x49\x01\x00\x00" + b"t" * 9,
             b"\x40\x01\x00\x00\xff", b"\x40\x01\x00\x00\xf0", b"\x40\x01\x00\x00\x0f", b"\x40\x01\x00\x00\x0e\x00",
             b"\x40\x01\x00\x00\x0d", b"\x40\x01\x00\x00\x02a", b"\x40\x00\x00\x00\x00", b"\x41\x00\x00\x00t"):
    raises(ValueError, decode, junk)
whole = Message(0, 1, 1, b"tk", [(11, b"v" * 20), (300, b"w" * 300)], b"pay").encode()
for size in range(len(whole)):
    try:
        decode(whole[:size])
    except ValueError:
        pass


class Line:
    """In place of the connection."""

    def __init__(self):
        self.sent = []

    def setblocking(self, flag):
        pass

    def send(self, datagram):
        self.sent.append(decode(datagram))


served = []


def serve(request):
    served.append(request.path())
    if request.path() == "/number":
        int(request.payload)
    return coap.CONTENT, [(coap.CONTENT_FORMAT, b"")], b"hello"


line = Line()
endpoint = coap.Endpoint(line, serve)

# A confirmable request is acknowledged with its answer; a repeated one gets the same, and is not served again (4.5).
request = Message(coap.CONFIRMABLE, coap.GET, 7, b"tok", coap.options_of("/x"))
for _ in range(3):
    endpoint.receive(request)
assert served == ["/x"]
assert len(line.sent) == 3 and all([same(line.sent[0], each) for each in line.sent])
assert (line.sent[0].kind, line.sent[0].message_id, line.sent[0].token) == (coap.ACKNOWLEDGEMENT, 7, b"tok")
assert line.sent[0].payload == b"hello"
line.sent.clear()
# One that is not confirmable has an answer with a number of its own.
endpoint.receive(Message(coap.NON_CONFIRMABLE, coap.GET, 8, b"u", coap.options_of("/y")))
assert (line.sent[0].kind, line.sent[0].token) == (coap.NON_CONFIRMABLE, b"u")
line.sent.clear()
# What it does not understand: a critical option is refused, an elective one ignored (5.4.1); a handler's ValueError is 4.00.
for i, (options, payload, code) in enumerate((([(9, b"")], b"", coap.BAD_OPTION), ([(2, b"")], b"", coap.CONTENT),
                                              (coap.options_of("/number"), b"x", coap.BAD_REQUEST),
                                              ([(11, b"\xff")], b"", coap.BAD_REQUEST))):
    endpoint.receive(Message(coap.CONFIRMABLE, coap.GET, 100 + i, b"", options, payload))
    assert line.sent.pop().code == code, i
# Only the last few are remembered.
for i in range(coap.REMEMBERED):
    endpoint.receive(Message(coap.CONFIRMABLE, coap.GET, 200 + i))
served.clear()
endpoint.receive(request)
assert served == ["/x"]
line.sent.clear()
# A ping, and answers and notifications that nobody waits for, are reset; acknowledgements for nobody are not answered.
for kind, code, expected in ((0, 0, [coap.RESET]), (0, coap.CONTENT, [coap.RESET]), (1, coap.CONTENT, [coap.RESET]), (2, 0, []),
                             (2, coap.CONTENT, []), (3, 0, [])):
    endpoint.receive(Message(kind, code, 300, b"" if code == 0 else b"who"))
    assert [each.kind for each in line.sent] == expected
    line.sent.clear()


async def asked(*replies, observer=None):
    """The outcome of a request whose message gets these replies: functions of that message, each after a moment."""
    task = asyncio.create_task(endpoint.request(coap.GET, "/r", observer=observer))
    await asyncio.sleep_ms(5)
    sent = line.sent[0]
    for reply in replies:
        endpoint.receive(reply(sent))
        await asyncio.sleep_ms(5)
    try:
        return await asyncio.wait_for_ms(task, 100)
    except OSError as e:
        return e.args[0]
    except asyncio.TimeoutError:
        return None
    finally:
        answers.append([(each.kind, each.message_id) for each in line.sent[1:]])
        line.sent.clear()


def piggybacked(sent, options=(), token=None):
    return Message(coap.ACKNOWLEDGEMENT, coap.CONTENT, sent.message_id, sent.token if token is None else token, options, b"now")


def empty(sent):
    return Message(coap.ACKNOWLEDGEMENT, 0, sent.message_id)


def later(sent):
    return Message(coap.CONFIRMABLE, coap.CONTENT, 555, sent.token, [], b"later")


def plain(sent):
    return Message(coap.NON_CONFIRMABLE, coap.CONTENT, 556, sent.token, [], b"plain")


def other(sent):
    return Message(coap.ACKNOWLEDGEMENT, coap.CONTENT, sent.message_id ^ 1, sent.token)


async def main():
    assert (await asked(piggybacked)).payload == b"now"
    # Empty, then separate (5.2.2); and the separate one first.
    assert (await asked(empty, later)).payload == b"later"
    assert answers[-1] == [(coap.ACKNOWLEDGEMENT, 555)]
    assert (await asked(later)).payload == b"later"
    assert (await asked(empty, plain)).payload == b"plain"
    assert answers[-1] == []
    # Refused; with an option that it must not ignore; somebody else's.
    refusal = "the peer has refused the message"
    assert await asked(lambda sent: Message(coap.RESET, 0, sent.message_id)) == refusal
    assert await asked(lambda sent: piggybacked(sent, [(23, b"\x08")])) == refusal
    assert await asked(lambda sent: piggybacked(sent, token=b"no")) is None
    assert await asked(other) is None

    # Retransmission (4.2): each delay is twice the one before; then it gives up.
    before, coap.ACK_TIMEOUT = coap.ACK_TIMEOUT, 8
    line.sent.clear()
    try:
        await endpoint.request(coap.GET, "/lost")
        assert False
    except OSError as e:
        assert e.args[0] == "no answer"
    assert len(line.sent) == 1 + coap.MAX_RETRANSMIT and all([same(line.sent[0], each) for each in line.sent])
    line.sent.clear()
    coap.ACK_TIMEOUT = before

    # Observing (RFC 7641).
    seen = []
    first = await asked(lambda sent: piggybacked(sent, [(coap.OBSERVE, b"\x05")]), observer=seen.append)
    endpoint.receive(Message(coap.CONFIRMABLE, coap.CONTENT, 700, first.token, [(coap.OBSERVE, b"\x06")], b"changed"))
    assert [each.payload for each in seen] == [b"changed"]
    assert (line.sent[0].kind, line.sent[0].message_id) == (coap.ACKNOWLEDGEMENT, 700)
    line.sent.clear()
    for kind, wants in ((coap.ACKNOWLEDGEMENT, True), (coap.RESET, False)):
        task = asyncio.create_task(endpoint.notify(b"obs", 9, [], b"news"))
        await asyncio.sleep_ms(5)
        sent = line.sent.pop()
        assert (sent.kind, sent.token, sent.value(coap.OBSERVE), sent.payload) == (coap.CONFIRMABLE, b"obs", 9, b"news")
        endpoint.receive(Message(kind, 0, sent.message_id))
        assert await task == wants
    assert not endpoint.exchanges


answers = []
asyncio.run(main())
