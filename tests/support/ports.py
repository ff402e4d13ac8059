"""Ports for the servers of tests."""

import random
import socket


def free_port() -> int:
    """One that is free as its successor is, of those that systems do not give to connections: what runs besides would take one of
    the others before the server does."""
    while True:
        port = random.randrange(20000, 32000)
        try:
            for one in (port, port + 1):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(type=kind) as probe:
                        probe.bind(("127.0.0.1", one))
            return port
        except OSError:
            pass
