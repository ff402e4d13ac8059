# An MQTT 3.1.1 client over TLS for an unattended device. Its messages reach the broker at least once (QoS 1), over as many
# connections as it takes, and it notices a silent broker.
#
#   micropython mqtt_reconnect.py HOST PORT CAFILE CERTIFICATE KEY COUNT [NAME]
#
# CERTIFICATE, KEY: the client's own, which the broker verifies. NAME: the one in the broker's certificate, if it is not
# HOST. Publishes COUNT messages, subscribes to them itself, and ends when the last one has come back.

import random
import struct
import sys
import time

import ussl
from timed_stream import TimedStream

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0, 0xD0, 0xE0)
RETRANSMITTED, QOS1 = 0x08, 0x02
LONGEST = 16384  # the longest packet that is accepted, in bytes


def text(string):
    data = string.encode()
    return struct.pack("!H", len(data)) + data


class ReliableClient:
    def __init__(self, context, host, port, client_id, got, topics=(), name=None, keepalive=30, longest_pause=60):
        """Calls `got(topic, message)` for each message for the `topics`; it must not raise. `client_id`: this device's own, always
        the same. `keepalive`, `longest_pause`: seconds."""
        self.to = context, host, port, name, keepalive / 2
        self.client_id, self.got, self.topics, self.keepalive = client_id, got, topics, keepalive
        self.longest_pause, self.pause = longest_pause, 1
        self.stream = self.session = None
        self.identifier = self.connections = 0
        self.connect()

    def connect(self):
        """Tries until it succeeds; raises errors that a retry would not mend."""
        while True:
            try:
                return self.connect_once()
            except OSError as error:
                self.lost(error)

    def connect_once(self):
        self.stream = TimedStream(*self.to, session=self.session)
        self.last_sent, self.unanswered = time.ticks_ms(), False
        # Without "clean session": the broker keeps the subscriptions, and messages for them.
        self.send(CONNECT, text("MQTT") + b"\x04\x00" + struct.pack("!H", self.keepalive) + text(self.client_id))
        kind, body = self.packet()
        if kind != CONNACK or len(body) != 2:
            raise OSError("no answer of a broker")
        if body[1]:
            raise ValueError("the broker refuses: code %d" % body[1])
        if not body[0] & 1:  # it has no session for us (any more)
            for topic in self.topics:
                self.exchange(SUBSCRIBE, text(topic) + b"\1", SUBACK)
        self.pause = 1
        self.connections += 1

    def lost(self, error):
        code = error.args[0]
        if isinstance(code, int) and 1000 <= code < 1060:  # settings and certificates: retrying does not help
            raise error
        print("connection lost:", error)
        if self.stream:
            self.session = self.stream.tls.session or self.session
            self.stream.close()
            self.stream = None
        time.sleep(self.pause * (0.5 + random.random() / 2))  # not all devices at once
        self.pause = min(2 * self.pause, self.longest_pause)

    def send(self, kind, body=b""):
        length, rest = bytearray(), len(body)
        while True:
            length.append(rest & 127 | (128 if rest > 127 else 0))
            rest >>= 7
            if not rest:
                break
        self.stream.write(bytes([kind]) + length + body)
        self.last_sent = time.ticks_ms()

    def packet(self):
        kind = self.stream.exactly(1)[0]
        length = shift = 0
        while True:
            byte = self.stream.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if length > LONGEST or shift > 28:
                raise OSError("the broker sends a packet that is too long")
            if byte < 128:
                return kind, self.stream.exactly(length)

    def take(self, milliseconds):
        """The next packet's (kind, body), or (0, b"") if none comes in that time. Passes messages to `got`; keeps the connection
        alive."""
        if not self.stream.wait(min(milliseconds, self.keepalive * 250)):
            if time.ticks_diff(time.ticks_ms(), self.last_sent) > self.keepalive * 500:
                if self.unanswered:
                    raise OSError("the broker is silent")
                self.send(PINGREQ)
                self.unanswered = True
            return 0, b""
        kind, body = self.packet()
        self.unanswered = False
        if kind & 0xF0 == PUBLISH:
            end = 2 + struct.unpack("!H", body)[0] if len(body) > 1 else len(body) + 1
            if end > len(body):
                raise OSError("the broker sends half a topic")
            topic = bytes(body[2:end]).decode()
            if kind & 0x06:  # QoS 1 or 2: the broker expects an acknowledgement
                identifier, end = body[end:end + 2], end + 2
                self.send(PUBACK, identifier)
            self.got(topic, bytes(body[end:]))
        return kind, body

    def exchange(self, kind, body, answer, identifier=None):
        """Sends a packet and waits for the answer with the same identifier. Without `identifier` a new one is put in front."""
        if identifier is None:
            self.identifier = self.identifier % 65535 + 1
            identifier = struct.pack("!H", self.identifier)
            body = identifier + body
        self.send(kind, body)
        deadline = time.ticks_add(time.ticks_ms(), self.keepalive * 1000)
        while True:
            left = time.ticks_diff(deadline, time.ticks_ms())
            if left <= 0:
                raise OSError("the broker does not answer")
            came, data = self.take(left)
            if came == answer and data[:2] == identifier:
                if answer == SUBACK and data[2] == 0x80:
                    raise ValueError("the broker lets nobody subscribe")
                return

    def publish(self, topic, message):
        """Returns when the broker has acknowledged the message."""
        self.identifier = self.identifier % 65535 + 1
        identifier = struct.pack("!H", self.identifier)
        body, again = text(topic) + identifier + message, 0
        while True:
            try:
                return self.exchange(PUBLISH | QOS1 | again, body, PUBACK, identifier)
            except OSError as error:
                self.lost(error)
                self.connect()
                again = RETRANSMITTED

    def wait(self, milliseconds):
        """Takes what comes in that time, or a little later."""
        deadline = time.ticks_add(time.ticks_ms(), milliseconds)
        while True:
            left = time.ticks_diff(deadline, time.ticks_ms())
            if left <= 0:
                return
            try:
                self.take(left)
            except OSError as error:
                self.lost(error)
                self.connect()

    def disconnect(self):
        self.send(DISCONNECT)
        self.stream.close()


if __name__ == "__main__":
    host, port, cafile, certificate, key, count = sys.argv[1:7]
    context = ussl.create_default_context(cafile)
    context.load_cert_chain(certificate, key)
    came = set()
    client = ReliableClient(context, host, int(port), "ussl-reliable", lambda topic, message: came.add(message), ["ussl/example"],
                            sys.argv[7] if len(sys.argv) > 7 else None, keepalive=2)
    print("connected: %s, %s" % (client.stream.tls.version(), client.stream.tls.cipher()[0]))
    for i in range(int(count)):
        client.publish("ussl/example", b"message %d" % i)
        print("acknowledged", i)
        client.wait(100)
    while b"message %d" % i not in came:
        client.wait(100)
    client.disconnect()
    print("%s messages acknowledged, %d came back, %d connections" % (count, len(came), client.connections))
