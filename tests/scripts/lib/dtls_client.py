# A DTLS client in a process of its own: dtls_client.py CERTS PORT '' x. Blocking sockets; sends again what gets lost.

from support import *

context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
context.load_verify_locations(cadata=contents("ca.pem"))
context.handshake_timeout = 30
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect(address())
c = context.wrap_socket(udp, server_hostname="localhost")
for i in range(4):
    udp.send(b"")  # an empty datagram carries nothing, and ends nothing
    udp.send(b"rubbish")
    c.send(b"ping %d" % i)
    assert c.recv(100) == b"pong %d" % i
c.close()
