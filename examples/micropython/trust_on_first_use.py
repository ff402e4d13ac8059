# Fetches a page from a device with a certificate of its own, which no authority has signed: the first time its key is
# learned and stored, from then on only that key is trusted (RFC 7435, 1: opportunistic at first, then authenticated).
#
#   micropython trust_on_first_use.py HOST PORT PATH FOLDER [NAME]
#
# FOLDER: where a file for each device is. NAME: the one in the certificate, where it is not HOST.
#
# Whoever sits between the two the first time is believed for ever: do it where nobody does, or compare the pin that is
# printed with the one that the device shows.

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
    """The pin of the key that the device has shown. Nothing is sent to it but the handshake, and nothing is believed."""
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ussl.CERT_NONE
    tls = connect(context, host, port, name)
    try:
        return binascii.hexlify(ussl.key_pin(tls.getpeercert(True)))
    finally:
        tls.close()


def trusted(host, port, name, folder):
    """A connection that is verified by the stored pin: with the name and the dates of the certificate."""
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
    if first:  # and only now that the handshake has proven that the device has it
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
