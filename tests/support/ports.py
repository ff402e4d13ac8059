"""Ports for the servers of tests."""

import random
import socket

given: set[int] = set()


def free_port() -> int:
    """One that is free as its successor is, of those that systems do not give to connections: what runs besides would take one of
    the others before the server does. None is given twice: the server may start later."""
    while True:
        port = random.randrange(20000, 32000)
        both = {port, port + 1}
        if both & given:
            continue
        try:
            for one in both:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(type=kind) as probe:
                        probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        given.update(both)
        return port
