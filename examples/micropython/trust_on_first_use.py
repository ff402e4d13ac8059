# Fetches a page from a device with a self-signed certificate. The first time it learns and stores the key; after that it
# trusts only that key (RFC 7435, 1: opportunistic at first, then authenticated).
#
#   micropython trust_on_first_use.py HOST PORT PATH FOLDER [NAME]
#
# FOLDER: one file for each device. NAME: the one in the certificate, if it is not HOST.
#
# An attacker in the middle of the first connection is trusted from then on. So make it in a safe network, or compare the
# printed pin with the one that the device shows.

import binascii
import socket
import sys

import ussl


def connect(context, host, port, name):
    sock = socket.socket()
    try:
        sock.connect(socket.getaddrinfo(host, port)[0][-1])
        return context.wrap_socket(sock, server_hostname=name)
    except OSError:
        sock.close()
        raise


def learn(host, port, name):
    """The pin of the device's key. The connection is not verified, so it does only the handshake."""
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ussl.CERT_NONE
    tls = connect(context, host, port, name)
    try:
        return binascii.hexlify(ussl.key_pin(tls.getpeercert(True)))
    finally:
        tls.close()


def trusted(host, port, name, folder):
    """A connection that is verified by the stored pin, and by the certificate's name and dates."""
    file = "%s/%s_%d.pin" % (folder, name, port)
    try:
        with open(file, "rb") as f:
            pin = f.read()
        first = False
    except OSError:
        pin, first = learn(host, port, name), True
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.set_pins([pin.decode()])
    tls = connect(context, host, port, name)  # OSError 1050: another key
    if first:  # store it only now: this handshake has proven that the device has the key
        with open(file, "wb") as f:
            f.write(pin)
        print("learned", pin.decode())
    return tls


if __name__ == "__main__":
    host, port, path, folder = sys.argv[1:5]
    name = sys.argv[5] if len(sys.argv) > 5 else host
    tls = trusted(host, int(port), name, folder)
    tls.write(("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, name)).encode())
    print(tls.readline().decode().strip())
    tls.close()
