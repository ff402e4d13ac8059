# A small MQTT 3.1.1 client over TLS: subscribes to a topic, publishes to it, and counts the messages that come back.
#
#   micropython mqtt_client.py HOST PORT CAFILE CERTIFICATE KEY COUNT [NAME]
#
# CERTIFICATE, KEY: the client's own, which the broker verifies. NAME: the one in the broker's certificate, if it is not
# HOST.

import socket
import struct
import sys

import ussl

CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 0x10, 0x20, 0x30, 0x82, 0x90, 0xC0, 0xE0


def text(string):
    data = string.encode()
    return struct.pack("!H", len(data)) + data


class MQTTClient:
    """QoS 0. Blocking; one packet at a time."""

    def __init__(self, context, host, port=8883, name=None, client_id="ussl", keepalive=60):
        sock = socket.socket()
        sock.connect(socket.getaddrinfo(host, port)[0][-1])
        try:
            self.tls = context.wrap_socket(sock, server_hostname=name or host)
        except OSError:
            sock.close()
            raise
        self.send(CONNECT, text("MQTT") + b"\x04\x02" + struct.pack("!H", keepalive) + text(client_id))
        kind, body = self.receive()
        if kind != CONNACK or body[1] != 0:
            raise OSError("the broker refused: %d" % body[1])

    def send(self, kind, body=b""):
        length, rest = bytearray(), len(body)
        while True:
            length.append(rest & 127 | (128 if rest > 127 else 0))
            rest >>= 7
            if not rest:
                break
        packet = memoryview(bytes([kind]) + length + body)
        while packet:  # a write may take only a part
            packet = packet[self.tls.write(packet):]

    def exactly(self, size):
        data = bytearray(size)
        view = memoryview(data)
        while view:
            n = self.tls.readinto(view)
            if not n:
                raise OSError("the broker has closed the connection")
            view = view[n:]
        return data

    def receive(self):
        kind = self.exactly(1)[0]
        length = shift = 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, self.exactly(length)

    def subscribe(self, topic):
        self.send(SUBSCRIBE, b"\0\1" + text(topic) + b"\0")
        kind, body = self.receive()
        if kind != SUBACK or body[2] == 0x80:
            raise OSError("the broker lets nobody subscribe to " + topic)

    def publish(self, topic, message):
        self.send(PUBLISH, text(topic) + message)

    def wait_message(self):
        """(topic, message) of the next one."""
        while True:
            kind, body = self.receive()
            if kind & 0xF0 == PUBLISH:
                end = 2 + struct.unpack("!H", body)[0]
                return bytes(body[2:end]).decode(), bytes(body[end:])

    def ping(self):
        self.send(PINGREQ)

    def disconnect(self):
        self.send(DISCONNECT)
        self.tls.close()


if __name__ == "__main__":
    host, port, cafile, certificate, key, count = sys.argv[1:7]
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile)
    context.load_cert_chain(certificate, key)
    client = MQTTClient(context, host, int(port), sys.argv[7] if len(sys.argv) > 7 else None)
    print("connected: %s, %s" % (client.tls.version(), client.tls.cipher()[0]))
    client.subscribe("ussl/example")
    for i in range(int(count)):
        client.publish("ussl/example", b"message %d" % i)
        topic, message = client.wait_message()
        if (topic, message) != ("ussl/example", b"message %d" % i):
            raise OSError("another message came back: %r" % message)
    client.ping()
    client.disconnect()
    print("%s messages published and received" % count)
